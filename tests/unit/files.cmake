qz_test(unit_files SOURCES files_csv_test.cpp files_drop_test.cpp files_reject_test.cpp files_changes_test.cpp
  files_target_test.cpp
  LINKS qz_adapter_files qz_adapter_sqlite qz_sqlite LABELS unit)
