qz_test(qz_desk_rules_test
        SOURCES ../crash/program.cpp desk_adapter_test.cpp desk_conf_test.cpp
                desk_figures_test.cpp desk_holidays_test.cpp desk_program_test.cpp desk_random_test.cpp
                desk_rounds_test.cpp desk_rules_test.cpp
                desk_shares_test.cpp desk_sqlite_test.cpp desk_urging_test.cpp
        LINKS qz_desk qz_service qz_adapter_sqlite LABELS unit)
add_dependencies(qz_desk_rules_test qianzhi-desk)
target_compile_definitions(qz_desk_rules_test PRIVATE
  QIANZHI_DESK="$<TARGET_FILE:qianzhi-desk>" QIANZHI_DESK_CONF="${PROJECT_SOURCE_DIR}/conf/desk"
  QIANZHI_CATALOGUE="${PROJECT_SOURCE_DIR}/conf/catalogue")
