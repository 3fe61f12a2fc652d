#include "adapters/api/adapter_main.h"
#include "adapters/mysql/mysql_adapter.h"

int main(int argc, char** argv) {
  return qianzhi::adapter::adapter_main(
      argc, argv, [](const qianzhi::Clock& clock) { return qianzhi::adapter::make_mysql_adapter(clock); });
}
