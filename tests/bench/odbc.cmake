if(TARGET qz_adapter_odbc)
  add_executable(bench_odbc odbc_bench.cpp ../support/mariadb_server.cpp ../support/postgres_server.cpp)
  target_link_libraries(bench_odbc PRIVATE qz_settings qz_adapter_odbc qz_unixodbc)
endif()
