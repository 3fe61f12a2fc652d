qz_program(audit_bench SOURCES audit_bench.cpp LINKS qz_hub qz_registry qz_audit)
