// qianzhi-adapter-odbc: started by the agent.
#include "adapters/api/adapter_main.h"
#include "adapters/odbc/odbc_adapter.h"

int main(int argc, char** argv) {
  return qianzhi::adapter::adapter_main(
      argc, argv, [](const qianzhi::Clock& clock) { return qianzhi::adapter::make_odbc_adapter(clock); });
}
