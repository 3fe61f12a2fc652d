qz_test(desk_match_test
        SOURCES desk_standard_test.cpp desk_match_test.cpp desk_candidates_test.cpp
        LINKS qz_desk_match LABELS unit)
target_compile_definitions(desk_match_test PRIVATE
  QIANZHI_DESK_NAMES="${CMAKE_CURRENT_SOURCE_DIR}/desk_names.txt")
qz_test(desk_records_test
        SOURCES desk_records_random_test.cpp desk_records_size_test.cpp desk_records_test.cpp
        LINKS qz_desk_records LABELS unit)
qz_test(desk_lookup_test OWN_HEADERS
  SOURCES desk_corpus_test.cpp desk_lookup_test.cpp desk_section_test.cpp desk_serve_test.cpp desk_tls_test.cpp
          https_pki.cpp
  LINKS qz_desk_serve_command OpenSSL::SSL OpenSSL::Crypto LABELS unit)
target_compile_definitions(desk_lookup_test PRIVATE QIANZHI_CORPUS="${PROJECT_SOURCE_DIR}/tests/config-corpus")
