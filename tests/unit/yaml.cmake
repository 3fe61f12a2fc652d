qz_test(yaml_test SOURCES yaml_test.cpp yaml_broken_test.cpp yaml_format_test.cpp yaml_reader_test.cpp
        catalogue_test.cpp catalogue_terms_test.cpp LINKS qz_yaml LABELS unit)
target_compile_definitions(yaml_test PRIVATE QIANZHI_CATALOGUE="${PROJECT_SOURCE_DIR}/conf/catalogue"
  QIANZHI_CONF="${PROJECT_SOURCE_DIR}/conf")
