qz_test(unit_adapters SOURCES sql_text_test.cpp adapter_process_test.cpp adapter_codec_test.cpp
  LINKS qz_adapter_api qz_adapter_proto qz_adapter_sql)
