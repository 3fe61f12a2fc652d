# One program and one server for the whole contract and a way of capture: starting a server costs more than a test.
if(NOT TARGET qz_adapter_mysql)
  return()
endif()
foreach(mode log journal)
  set(name contract_mysql_${mode})
  add_executable(${name} mysql_fixture.cpp ../support/mariadb_server.cpp ${contract_suite})
  target_link_libraries(${name} PRIVATE qz_test_main qz_adapter_mysql qz_flow qz_libmariadb)
  qz_unity(${name})
  add_dependencies(${name} qianzhi-adapter-mysql)
  target_compile_definitions(${name} PRIVATE QIANZHI_CAPTURE_MODE=${mode}
    QIANZHI_ADAPTER_MYSQL="$<TARGET_FILE:qianzhi-adapter-mysql>")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS "contract;mysql")
endforeach()
add_executable(contract_mysql_watermark mysql_fixture.cpp mysql_lookup_test.cpp mysql_watermark_test.cpp
  ../support/mariadb_server.cpp
  $<TARGET_OBJECTS:contract_lookup> $<TARGET_OBJECTS:contract_watermark>)
target_link_libraries(contract_mysql_watermark PRIVATE qz_test_main qz_adapter_mysql qz_flow qz_libmariadb)
qz_unity(contract_mysql_watermark)
add_dependencies(contract_mysql_watermark qianzhi-adapter-mysql)
target_compile_definitions(contract_mysql_watermark PRIVATE QIANZHI_CAPTURE_MODE=watermark
  QIANZHI_ADAPTER_MYSQL="$<TARGET_FILE:qianzhi-adapter-mysql>")
add_test(NAME contract_mysql_watermark COMMAND contract_mysql_watermark)
set_tests_properties(contract_mysql_watermark PROPERTIES TIMEOUT 600 LABELS "contract;mysql")
