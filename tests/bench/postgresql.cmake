add_executable(bench_postgresql postgresql_bench.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_postgresql PRIVATE qz_settings qz_adapter_postgresql PostgreSQL::PostgreSQL)
add_executable(bench_journal journal_bench.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_journal PRIVATE qz_settings qz_adapter_postgresql PostgreSQL::PostgreSQL)
