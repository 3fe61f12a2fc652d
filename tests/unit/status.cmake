qz_test(status_test OWN_HEADERS SOURCES https_pki.cpp status_test.cpp status_door_test.cpp status_page_test.cpp
    status_remote_test.cpp
  LINKS qz_status qz_page_samples qz_client OpenSSL::SSL OpenSSL::Crypto Poco::JSON Poco::Net Poco::Foundation)
