qz_fuzz(fuzz_yaml SOURCES fuzz_yaml.cpp LINKS qz_yaml
        CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/yaml ${PROJECT_SOURCE_DIR}/conf/catalogue
               ${PROJECT_SOURCE_DIR}/conf/examples)
qz_fuzz_instrument(qz_yaml)
