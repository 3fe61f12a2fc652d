qz_test(hub_test SOURCES hub_accept_test.cpp hub_admission_test.cpp hub_fetch_test.cpp hub_restore_test.cpp LINKS qz_hub)
