add_executable(bench_desk desk_bench.cpp)
target_link_libraries(bench_desk PRIVATE qz_settings qz_desk)
