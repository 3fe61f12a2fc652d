add_executable(bench_pipeline pipeline_bench.cpp pipeline_parts.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_pipeline PRIVATE qz_settings qz_demo qz_base PostgreSQL::PostgreSQL)
target_compile_definitions(bench_pipeline PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_dependencies(bench_pipeline qianzhi qianzhi-hub qianzhi-adapter-postgresql)
