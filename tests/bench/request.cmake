add_executable(bench_request request_bench.cpp ../crash/database.cpp ../crash/new_exchange.cpp ../crash/program.cpp
  ../unit/https_pki.cpp)
target_link_libraries(bench_request PRIVATE qz_bench qz_client qz_service qz_sqlite OpenSSL::Crypto)
target_compile_definitions(bench_request PRIVATE QIANZHI_PROGRAMS="$<TARGET_FILE_DIR:qianzhi>")
add_dependencies(bench_request qianzhi qianzhi-hub qianzhi-adapter-sqlite qianzhi-adapter-postgresql)
