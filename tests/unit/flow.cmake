qz_test(flow_test OWN_HEADERS SOURCES ../sim/frail.cpp flow_alive_test.cpp flow_answers_test.cpp flow_asks_test.cpp
          flow_aside_test.cpp flow_compare_test.cpp flow_deliver_test.cpp flow_directory_test.cpp flow_files_test.cpp
          flow_keys_test.cpp flow_liar_test.cpp flow_matters_test.cpp flow_opening_keys_test.cpp flow_page_test.cpp
          flow_progress_test.cpp flow_requests_test.cpp flow_rollback_test.cpp flow_shape_test.cpp flow_test.cpp
          flow_told_test.cpp flow_vouchers_test.cpp flow_wishes_test.cpp known_index_test.cpp request_api_test.cpp
  LINKS qz_agent qz_flow qz_hub qz_hub_service qz_adapter_files qz_adapter_sqlite qz_sqlite Poco::JSON LABELS unit)
