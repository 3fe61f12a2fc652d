qz_test(seal_test
  SOURCES seal_algorithm_test.cpp seal_batch_test.cpp seal_content_test.cpp seal_directory_test.cpp seal_hpke_test.cpp
          seal_key_test.cpp seal_letter_test.cpp seal_parcel_content_test.cpp seal_parcel_test.cpp
          seal_reduce_test.cpp seal_suite_test.cpp seal_verify_test.cpp
  LINKS qz_seal OpenSSL::Crypto zstd::libzstd_shared)
