# One program and one server for all tests of the PostgreSQL adapter: starting a server costs more than a test.
add_executable(unit_postgresql postgresql_continuity_test.cpp postgresql_preflight_test.cpp postgresql_snapshot_test.cpp
  postgresql_stream_test.cpp postgresql_support.cpp postgresql_target_test.cpp ../support/postgres_server.cpp)
target_link_libraries(unit_postgresql PRIVATE qz_test_main qz_adapter_postgresql PostgreSQL::PostgreSQL)
qz_unity(unit_postgresql)
add_test(NAME unit_postgresql COMMAND unit_postgresql)
set_tests_properties(unit_postgresql PROPERTIES TIMEOUT 300 LABELS "unit;postgresql")
