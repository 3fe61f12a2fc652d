// Every key that a configuration of the agent may have, with its meaning: conf/reference, which is compiled in, and
// what the loader asks for while it reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/schema.h"

namespace qianzhi::config {

// The documents, in Chinese and English; together they show every key.
std::vector<std::string_view> reference_texts();

// The schema of an agent's configuration.
void add_reference(yaml::Schema& schema);

}  // namespace qianzhi::config
