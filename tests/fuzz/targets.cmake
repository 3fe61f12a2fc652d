# Decoders of what other machines and other processes say. seeds: written by fuzz_make from real encoders.
set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
qz_fuzz(fuzz_http SOURCES fuzz_http.cpp ../unit/https_pki.cpp LINKS qz_client OpenSSL::SSL OpenSSL::Crypto
        CORPUS ${corpus}/http)
qz_fuzz(fuzz_file SOURCES fuzz_file.cpp ../unit/https_pki.cpp LINKS qz_envelope OpenSSL::Crypto CORPUS ${corpus}/file)
qz_fuzz(fuzz_adapter SOURCES fuzz_adapter.cpp LINKS qz_adapter_api qz_adapter_proto qz_adapter_sql
        CORPUS ${corpus}/adapter)
qz_fuzz(fuzz_pgoutput SOURCES fuzz_pgoutput.cpp LINKS qz_adapter_postgresql CORPUS ${corpus}/pgoutput)
qz_fuzz(fuzz_files SOURCES fuzz_files.cpp LINKS qz_adapter_files qz_adapter_postgresql qz_adapter_sqlite
        CORPUS ${corpus}/files)
qz_fuzz(fuzz_state SOURCES fuzz_state.cpp LINKS qz_flow qz_adapter_postgresql qz_adapter_sqlite qz_wire
        CORPUS ${corpus}/state)
qz_fuzz(fuzz_enrol SOURCES fuzz_enrol.cpp LINKS qz_ca qz_seal CORPUS ${corpus}/enrol)
qz_fuzz(fuzz_letter SOURCES fuzz_letter.cpp LINKS qz_flow CORPUS ${corpus}/letter)
qz_fuzz(fuzz_matter SOURCES fuzz_matter.cpp LINKS qz_hub qz_hub_service CORPUS ${corpus}/matter)
qz_fuzz(fuzz_hub SOURCES fuzz_hub.cpp LINKS qz_hub CORPUS ${corpus}/hub)
qz_fuzz(fuzz_agent SOURCES fuzz_agent.cpp LINKS qz_flow qz_hub qz_adapter_sqlite qz_sqlite CORPUS ${corpus}/agent)
foreach(target fuzz_hub fuzz_agent)
  foreach(program ${target} ${target}_replay)
    if(TARGET ${program})
      target_compile_definitions(${program} PRIVATE QIANZHI_GOLDEN="${PROJECT_SOURCE_DIR}/tests/golden")
    endif()
  endforeach()
endforeach()
# Their stores are on a disk that need not keep anything.
if(EXISTS /dev/shm)
  set_tests_properties(fuzz_hub_replay fuzz_agent_replay fuzz_matter_replay PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
qz_fuzz_instrument(qz_client qz_envelope qz_adapter_api qz_adapter_files qz_adapter_postgresql qz_adapter_sqlite
                   qz_flow qz_store qz_hub qz_wire_values qz_ca)

# Writes the seeds; run by hand when a message changes: fuzz_make DIRECTORY. Needs a PostgreSQL server's programs.
qz_program(fuzz_make SOURCES fuzz_make.cpp ../support/postgres_server.cpp
           LINKS qz_flow qz_hub qz_adapter_sqlite qz_adapter_api qz_adapter_proto qz_sqlite qz_flow_wire
                 PostgreSQL::PostgreSQL)
target_compile_definitions(fuzz_make PRIVATE QIANZHI_GOLDEN="${PROJECT_SOURCE_DIR}/tests/golden")
