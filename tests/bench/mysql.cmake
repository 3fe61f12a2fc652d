if(TARGET qz_adapter_mysql)
  add_executable(bench_mysql mysql_bench.cpp ../unit/mysql_support.cpp ../support/mariadb_server.cpp)
  target_link_libraries(bench_mysql PRIVATE qz_bench_outbox qz_adapter_mysql qz_libmariadb)
endif()
