if(TARGET qz_adapter_mysql)
  qz_fuzz(fuzz_binlog SOURCES fuzz_binlog.cpp LINKS qz_adapter_mysql CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/binlog)
  qz_fuzz_instrument(qz_adapter_mysql)
endif()
