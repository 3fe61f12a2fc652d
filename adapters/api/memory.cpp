#include "adapters/api/memory.h"

#include <malloc.h>

namespace qianzhi::adapter {

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

}  // namespace qianzhi::adapter
