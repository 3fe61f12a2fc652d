# The adapter of conf/examples, written in Python, against the same contract as all others.
if(NOT EXISTS /usr/bin/python3)
  message(STATUS "without /usr/bin/python3 the XLSX adapter is not tested")
  return()
endif()
set(xlsx_adapter ${CMAKE_SOURCE_DIR}/conf/examples/xlsx-adapter)
qz_test(contract_xlsx SOURCES xlsx_fixture.cpp xlsx_book.cpp $<TARGET_OBJECTS:contract_source>
  $<TARGET_OBJECTS:contract_lookup>
  LINKS qz_adapter_api qz_sqlite LABELS contract)
target_compile_definitions(contract_xlsx PRIVATE QIANZHI_ADAPTER_XLSX="${xlsx_adapter}/qianzhi-adapter-xlsx")
