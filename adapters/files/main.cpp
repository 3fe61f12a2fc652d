// qianzhi-adapter-files: started by the agent.
#include "adapters/api/adapter_main.h"
#include "adapters/files/files_adapter.h"

int main(int argc, char** argv) {
  return qianzhi::adapter::adapter_main(
      argc, argv, [](const qianzhi::Clock& clock) { return qianzhi::adapter::make_files_adapter(clock); });
}
