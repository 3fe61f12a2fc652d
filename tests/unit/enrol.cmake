qz_test(enrol_test OWN_HEADERS SOURCES enrol_alarm_test.cpp enrol_directory_test.cpp
  enrol_hub_test.cpp enrol_office_test.cpp enrol_token_test.cpp
  LINKS qz_flow qz_identity qz_enrol qz_ca qz_hub qz_hub_service qz_client qz_sqlite)
