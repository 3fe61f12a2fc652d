# Links as files through a directory: the envelope, both ends, and a gateway that loses, repeats, delays and cuts.
qz_test(file_test OWN_HEADERS SOURCES
  file_envelope_test.cpp file_folder_test.cpp ../support/gateway.cpp file_link_test.cpp file_port_test.cpp
  https_pki.cpp https_world.cpp
  LINKS qz_hub_server qz_client qz_envelope OpenSSL::SSL OpenSSL::Crypto)
