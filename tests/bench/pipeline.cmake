foreach(name pipeline outage transaction)
  add_executable(bench_${name} ${name}_bench.cpp pipeline_measure.cpp pipeline_parts.cpp ../support/postgres_server.cpp)
  target_link_libraries(bench_${name} PRIVATE qz_settings qz_demo qz_base PostgreSQL::PostgreSQL)
  target_compile_definitions(bench_${name} PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_dependencies(bench_${name} qianzhi qianzhi-hub qianzhi-adapter-postgresql)
endforeach()
add_executable(bench_polls polls_bench.cpp pipeline_measure.cpp pipeline_parts.cpp ../support/postgres_server.cpp
                           ../unit/https_pki.cpp)
target_link_libraries(bench_polls PRIVATE qz_settings qz_demo qz_base qz_client qz_wire OpenSSL::Crypto
                                          PostgreSQL::PostgreSQL)
target_compile_definitions(bench_polls PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_dependencies(bench_polls qianzhi-hub)
add_test(NAME bench_polls_1000_agents COMMAND bench_polls 1000)
set_tests_properties(bench_polls_1000_agents PROPERTIES TIMEOUT 600 LABELS full)
# A20 at full size: rows that change in 72 hours, and the largest transaction.
add_test(NAME bench_outage_5000000_rows COMMAND bench_outage 5000000)
add_test(NAME bench_transaction_6000000_rows COMMAND bench_transaction 6000000)
set_tests_properties(bench_outage_5000000_rows bench_transaction_6000000_rows PROPERTIES TIMEOUT 3600 LABELS full
                                                                                         RUN_SERIAL TRUE)
