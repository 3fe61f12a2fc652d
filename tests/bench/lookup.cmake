add_executable(bench_lookup lookup_bench.cpp ../support/postgres_server.cpp)
target_link_libraries(bench_lookup PRIVATE qz_settings qz_adapter_postgresql qz_adapter_sqlite qz_sqlite
  PostgreSQL::PostgreSQL SQLite::SQLite3)
add_dependencies(bench_lookup qianzhi-adapter-postgresql qianzhi-adapter-sqlite)
target_compile_definitions(bench_lookup PRIVATE
  QIANZHI_ADAPTER_POSTGRESQL="$<TARGET_FILE:qianzhi-adapter-postgresql>"
  QIANZHI_ADAPTER_SQLITE="$<TARGET_FILE:qianzhi-adapter-sqlite>")
