// Chunks of about a megabyte come and go all the time. The allocator would give each back to the system and fetch it
// anew, page by page, which costs more than the work itself.
#pragma once

namespace qianzhi::adapter {

// Call once at the start of main(). Up to 16 MiB of free memory stay in the process.
void keep_freed_memory();

}  // namespace qianzhi::adapter
