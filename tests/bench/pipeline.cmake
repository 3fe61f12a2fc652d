foreach(name pipeline outage)
  add_executable(bench_${name} ${name}_bench.cpp pipeline_measure.cpp pipeline_parts.cpp ../support/postgres_server.cpp)
  target_link_libraries(bench_${name} PRIVATE qz_settings qz_demo qz_base PostgreSQL::PostgreSQL)
  target_compile_definitions(bench_${name} PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_dependencies(bench_${name} qianzhi qianzhi-hub qianzhi-adapter-postgresql)
endforeach()
# A20 in short.
add_test(NAME bench_outage_200000_rows COMMAND bench_outage 200000)
set_tests_properties(bench_outage_200000_rows PROPERTIES TIMEOUT 1200 LABELS full)
