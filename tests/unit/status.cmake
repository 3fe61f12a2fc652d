qz_test(status_test OWN_HEADERS SOURCES status_test.cpp status_door_test.cpp status_page_test.cpp
  LINKS qz_status qz_page_samples Poco::JSON Poco::Net Poco::Foundation)
