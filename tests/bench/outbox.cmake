add_executable(bench_outbox outbox_bench.cpp pipeline_measure.cpp pipeline_parts.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_outbox PRIVATE qz_settings qz_demo qz_flow qz_adapter_api PostgreSQL::PostgreSQL)
add_dependencies(bench_outbox qianzhi-adapter-postgresql)
target_compile_definitions(bench_outbox PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
