// Every directory that was in force, with its parts: who took part, with which keys, and who was granted what when.
#pragma once

#include <functional>
#include <map>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::audit {

// Within the caller's transaction. Parts that are kept already are not kept twice; the same directory: nothing.
void keep_directory(sqlite::Database& database, std::string_view signed_root, const Digest& digest,
                    const std::map<Digest, Bytes>& parts, Micros now);

// Roots, serialised SignedRoot, in the order in which they came into force; then each part once.
void each_root(sqlite::Database& database, const std::function<void(std::string_view)>& visit);
void each_part(sqlite::Database& database, const std::function<void(std::string_view)>& visit);

}  // namespace qianzhi::audit
