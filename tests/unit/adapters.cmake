qz_test(unit_adapters SOURCES sql_text_test.cpp adapter_process_test.cpp adapter_limits_test.cpp
          adapter_codec_test.cpp lookup_codec_test.cpp lookup_text_test.cpp open_writers_test.cpp
  LINKS qz_adapter_api qz_adapter_proto qz_adapter_sql)
qz_program(hostile_adapter SOURCES hostile_adapter.cpp LINKS qz_adapter_api qz_adapter_proto)
add_dependencies(unit_adapters hostile_adapter)
target_compile_definitions(unit_adapters PRIVATE QIANZHI_HOSTILE_ADAPTER="$<TARGET_FILE:hostile_adapter>")
