#include "adapters/api/adapter_main.h"
#include "adapters/postgresql/postgresql_adapter.h"

int main(int argc, char** argv) {
  return qianzhi::adapter::adapter_main(
      argc, argv, [](const qianzhi::Clock& clock) { return qianzhi::adapter::make_postgresql_adapter(clock); });
}
