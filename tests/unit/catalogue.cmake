qz_test(catalogue_test SOURCES catalogue_compare_test.cpp catalogue_files_test.cpp catalogue_search_test.cpp
                catalogue_size_test.cpp topics_test.cpp ../support/large_catalogue.cpp
        LINKS qz_agent qz_catalogue qz_catalogue_initials qz_yaml LABELS unit)
target_compile_definitions(catalogue_test PRIVATE QIANZHI_CATALOGUE="${PROJECT_SOURCE_DIR}/conf/catalogue")
