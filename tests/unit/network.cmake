# Real programs' classes over real sockets: what a network and hostile peers can do to them.
qz_test(network_test SOURCES
  cut_proxy.cpp cut_world.cpp ../support/gateway.cpp https_pki.cpp https_world.cpp network_address_test.cpp
  network_clock_test.cpp network_cut_test.cpp network_file_test.cpp network_liar_test.cpp network_reduction_test.cpp
  network_relay_test.cpp network_request_test.cpp network_text_test.cpp network_slow_test.cpp recorder.cpp
  reduction_world.cpp
  LINKS qz_flow qz_hub_server qz_adapter_sqlite qz_sqlite OpenSSL::SSL OpenSSL::Crypto zstd::libzstd_shared)
add_test(NAME network_test_namespace
  COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/in_namespace.sh $<TARGET_FILE:network_test> [address] -w NoTests)
set_tests_properties(network_test_namespace PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
add_test(NAME network_test_every_octet COMMAND network_test [every] -w NoTests)
set_tests_properties(network_test_every_octet PROPERTIES TIMEOUT 1800 LABELS full)
