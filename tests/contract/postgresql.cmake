# One program and one server for the whole contract: starting a server costs more than a test.
add_executable(contract_postgresql postgresql_fixture.cpp postgresql_only_test.cpp ../support/postgres_server.cpp
  ${contract_suite})
target_link_libraries(contract_postgresql PRIVATE qz_test_main qz_adapter_postgresql qz_flow PostgreSQL::PostgreSQL)
qz_unity(contract_postgresql)
add_dependencies(contract_postgresql qianzhi-adapter-postgresql)
target_compile_definitions(contract_postgresql
  PRIVATE QIANZHI_ADAPTER_POSTGRESQL="$<TARGET_FILE:qianzhi-adapter-postgresql>")
add_test(NAME contract_postgresql COMMAND contract_postgresql)
set_tests_properties(contract_postgresql PROPERTIES TIMEOUT 600 LABELS "contract;postgresql")
