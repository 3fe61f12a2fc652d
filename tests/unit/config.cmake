qz_test(config_test SOURCES config_test.cpp config_asks_test.cpp config_broken_test.cpp config_corpus_test.cpp
  config_difference_test.cpp
  config_limits_test.cpp config_mysql_test.cpp config_odbc_test.cpp config_schema_test.cpp secret_test.cpp
  LINKS qz_config LABELS unit)
target_compile_definitions(config_test PRIVATE QIANZHI_CONF="${PROJECT_SOURCE_DIR}/conf"
  QIANZHI_CORPUS="${PROJECT_SOURCE_DIR}/tests/config-corpus")
qz_test(config_command_test SOURCES ../crash/program.cpp config_command_test.cpp LINKS qz_agent qz_config qz_yaml
  LABELS unit)
add_dependencies(config_command_test qianzhi qianzhi-hub qianzhi-desk)
target_compile_definitions(config_command_test PRIVATE QIANZHI_CONF="${PROJECT_SOURCE_DIR}/conf"
  QIANZHI_CORPUS="${PROJECT_SOURCE_DIR}/tests/config-corpus" QIANZHI_PROGRAM="$<TARGET_FILE:qianzhi>"
  QIANZHI_HUB="$<TARGET_FILE:qianzhi-hub>" QIANZHI_DESK="$<TARGET_FILE:qianzhi-desk>"
  QIANZHI_SOURCE="${PROJECT_SOURCE_DIR}")
