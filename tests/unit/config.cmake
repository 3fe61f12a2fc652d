qz_test(config_test SOURCES config_test.cpp config_asks_test.cpp config_broken_test.cpp config_limits_test.cpp
  config_mysql_test.cpp config_odbc_test.cpp secret_test.cpp
  LINKS qz_config LABELS unit)
target_compile_definitions(config_test PRIVATE QIANZHI_CONF="${PROJECT_SOURCE_DIR}/conf")
