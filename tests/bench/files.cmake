qz_program(bench_files SOURCES files_bench.cpp LINKS qz_adapter_files qz_adapter_api qz_demo)
