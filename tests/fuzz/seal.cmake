qz_fuzz(fuzz_batch SOURCES fuzz_batch.cpp LINKS qz_seal
        CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/batch ${PROJECT_SOURCE_DIR}/tests/golden/vectors)
qz_fuzz(fuzz_directory SOURCES fuzz_directory.cpp LINKS qz_seal CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/directory)
qz_fuzz(fuzz_parcel SOURCES fuzz_parcel.cpp LINKS qz_golden
        CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/parcel ${PROJECT_SOURCE_DIR}/tests/golden/parcels)
qz_fuzz_instrument(qz_base qz_model qz_seal)
