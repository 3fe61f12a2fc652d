qz_test(store_test SOURCES store_test.cpp LINKS qz_store qz_sqlite LABELS unit)
