qz_program(seal_bench SOURCES seal_bench.cpp LINKS qz_seal)
