if(NOT TARGET qz_adapter_odbc)
  return()
endif()
qz_test(unit_odbc SOURCES odbc_golden_test.cpp odbc_values_test.cpp LINKS qz_adapter_odbc LABELS unit)
target_compile_definitions(unit_odbc PRIVATE QIANZHI_ODBC_GOLDEN="${PROJECT_SOURCE_DIR}/tests/golden/odbc"
  QIANZHI_ODBC_ACTUAL="${CMAKE_CURRENT_BINARY_DIR}/odbc")
