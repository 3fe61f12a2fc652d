add_executable(bench_catalogue catalogue_bench.cpp ../support/large_catalogue.cpp)
target_link_libraries(bench_catalogue PRIVATE qz_flow qz_catalogue qz_catalogue_initials)
