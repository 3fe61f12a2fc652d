qz_test(qz_command_test OWN_HEADERS
        SOURCES ../crash/program.cpp command_doctor_test.cpp command_program_test.cpp command_test.cpp https_pki.cpp
                https_world.cpp
        LINKS qz_command qz_hub_server qz_admin qz_client qz_sqlite OpenSSL::SSL OpenSSL::Crypto Poco::JSON
              Poco::Foundation
        LABELS unit)
add_dependencies(qz_command_test qianzhi qianzhi-hub qianzhi-desk qianzhi-adapter-sqlite)
target_compile_definitions(qz_command_test PRIVATE QIANZHI_PROGRAMS="$<TARGET_FILE_DIR:qianzhi>"
  QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
