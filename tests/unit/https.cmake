qz_test(https_test OWN_HEADERS SOURCES
  https_admin_test.cpp https_guard_test.cpp https_identity_test.cpp https_link_test.cpp https_pki.cpp
  https_tunnel_test.cpp
  https_world.cpp
  LINKS qz_hub_server qz_admin qz_client OpenSSL::SSL OpenSSL::Crypto)
target_compile_definitions(https_test PRIVATE QIANZHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME https_test_large COMMAND https_test "[large]" -w NoTests)
set_tests_properties(https_test_large PROPERTIES TIMEOUT 300 LABELS full)
