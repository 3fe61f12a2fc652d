# One program and one server for all tests of the MariaDB adapter: starting a server costs more than a test.
if(NOT TARGET qz_adapter_mysql)
  return()
endif()
add_executable(unit_mysql https_pki.cpp mysql_journal_test.cpp mysql_log_test.cpp mysql_support.cpp mysql_tls_test.cpp
  mysql_values_test.cpp ../support/mariadb_server.cpp)
target_link_libraries(unit_mysql PRIVATE qz_test_main qz_adapter_mysql qz_libmariadb OpenSSL::Crypto)
qz_unity(unit_mysql)
add_test(NAME unit_mysql COMMAND unit_mysql)
set_tests_properties(unit_mysql PROPERTIES TIMEOUT 300 LABELS "unit;mysql")
