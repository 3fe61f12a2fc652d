qz_test(flow_test SOURCES flow_test.cpp LINKS qz_flow LABELS unit)
