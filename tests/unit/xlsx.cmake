# The adapter of conf/examples tests itself, in its own language; tests/contract proves that it keeps the contract.
if(NOT EXISTS /usr/bin/python3)
  return()
endif()
foreach(part cells hostile source)
  add_test(NAME "unit_xlsx: ${part}" COMMAND /usr/bin/python3 -B -m unittest test_${part}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/conf/examples/xlsx-adapter/tests)
  set_tests_properties("unit_xlsx: ${part}" PROPERTIES TIMEOUT 300)
endforeach()
