add_executable(bench_outbox outbox_bench.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_outbox PRIVATE qz_settings qz_flow qz_adapter_api PostgreSQL::PostgreSQL)
add_dependencies(bench_outbox qianzhi-adapter-postgresql)
