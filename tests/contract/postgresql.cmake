# One program and one server for the whole contract and a way of capture: starting a server costs more than a test.
foreach(mode log journal)
  set(name contract_postgresql_${mode})
  add_executable(${name} postgresql_fixture.cpp ../support/postgres_server.cpp ${contract_suite})
  target_link_libraries(${name} PRIVATE qz_test_main qz_adapter_postgresql qz_flow PostgreSQL::PostgreSQL)
  qz_unity(${name})
  add_dependencies(${name} qianzhi-adapter-postgresql)
  target_compile_definitions(${name} PRIVATE QIANZHI_CAPTURE_MODE=${mode}
    QIANZHI_ADAPTER_POSTGRESQL="$<TARGET_FILE:qianzhi-adapter-postgresql>")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS "contract;postgresql")
endforeach()
qz_test(contract_postgresql_watermark
  SOURCES postgresql_fixture.cpp postgresql_lookup_test.cpp postgresql_watermark_test.cpp
          ../support/postgres_server.cpp
          $<TARGET_OBJECTS:contract_lookup> $<TARGET_OBJECTS:contract_watermark>
  LINKS qz_adapter_postgresql qz_flow PostgreSQL::PostgreSQL LABELS "contract;postgresql")
add_dependencies(contract_postgresql_watermark qianzhi-adapter-postgresql)
target_compile_definitions(contract_postgresql_watermark PRIVATE QIANZHI_CAPTURE_MODE=watermark
  QIANZHI_ADAPTER_POSTGRESQL="$<TARGET_FILE:qianzhi-adapter-postgresql>")
target_sources(contract_postgresql_log PRIVATE postgresql_digest_test.cpp postgresql_only_test.cpp)
target_sources(contract_postgresql_journal PRIVATE postgresql_journal_test.cpp)
