qz_test(qz_demo_test SOURCES demo_test.cpp demo_mapping_test.cpp
        LINKS qz_demo_data qz_mapping qz_config qz_yaml qz_sqlite LABELS unit)
target_compile_definitions(qz_demo_test PRIVATE QIANZHI_SOURCE="${PROJECT_SOURCE_DIR}")
