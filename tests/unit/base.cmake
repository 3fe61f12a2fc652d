qz_test(base_test SOURCES base_test.cpp log_test.cpp LINKS qz_base)
qz_test(model_test SOURCES groups_test.cpp rows_test.cpp directory_test.cpp LINKS qz_model)
