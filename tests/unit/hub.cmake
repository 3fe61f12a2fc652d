qz_test(hub_test
  SOURCES hub_accept_test.cpp hub_accounts_test.cpp hub_admission_test.cpp hub_audit_test.cpp hub_backup_test.cpp
          hub_catalogue_test.cpp hub_config_test.cpp hub_corpus_test.cpp hub_entry_test.cpp hub_evidence_test.cpp
          hub_export_test.cpp hub_fetch_test.cpp hub_ledger_test.cpp hub_letter_test.cpp hub_matters_test.cpp
          hub_parcel_box_test.cpp
          hub_registry_test.cpp hub_restore_test.cpp hub_rights_test.cpp hub_store_test.cpp hub_syslog_test.cpp
  LINKS qz_hub qz_hub_service qz_sqlite qz_catalogue qz_accounts qz_audit_messages)
target_compile_definitions(hub_test PRIVATE QIANZHI_CORPUS="${PROJECT_SOURCE_DIR}/tests/config-corpus")
