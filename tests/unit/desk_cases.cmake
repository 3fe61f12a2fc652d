qz_test(desk_cases_test
        SOURCES ../crash/program.cpp desk_case_figures_test.cpp desk_case_people_test.cpp desk_case_program_test.cpp
                desk_cases_size_test.cpp desk_cases_test.cpp desk_work_test.cpp
        LINKS qz_desk_work qz_desk_cases qz_service qz_sqlite qz_yaml LABELS unit)
add_dependencies(desk_cases_test qianzhi-desk)
target_compile_definitions(desk_cases_test PRIVATE QIANZHI_SOURCE="${PROJECT_SOURCE_DIR}"
  QIANZHI_DESK="$<TARGET_FILE:qianzhi-desk>")
qz_test(desk_outlets_test OWN_HEADERS
        SOURCES desk_events_test.cpp desk_feed_test.cpp desk_outlet_net_test.cpp desk_outlet_servers.cpp
                desk_outlets_test.cpp https_pki.cpp
        LINKS qz_desk_feeds qz_desk_outlets qz_sqlite qz_yaml Poco::NetSSL Poco::Net Poco::Foundation OpenSSL::SSL
              OpenSSL::Crypto
        LABELS unit)
target_compile_definitions(desk_outlets_test PRIVATE QIANZHI_SOURCE="${PROJECT_SOURCE_DIR}")
