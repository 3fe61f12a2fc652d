qz_test(qz_mapping_test
        SOURCES check_digits_test.cpp dates_test.cpp mapping_test.cpp mapping_area_test.cpp mapping_codes_test.cpp
                mapping_types_test.cpp
        LINKS qz_mapping LABELS unit)
