qz_test(seal_test SOURCES seal_batch_test.cpp LINKS qz_seal)
