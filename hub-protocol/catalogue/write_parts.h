// What the writers of YAML and CSV share; internal to this folder.
#pragma once

#include <map>
#include <string>

#include "hub-protocol/yaml/catalogue.h"

namespace qianzhi::catalogue {

// The department in whose file a topic stands: its provider, else what its id begins with.
std::string file_of(const Topic& topic);

// All departments that the content has or its topics name.
std::map<std::string, Department, std::less<>> departments_of(const yaml::CatalogueFolder& content);

// code,title,from,until with a byte order mark.
std::string codes_csv(const CodeTable& table);

}  // namespace qianzhi::catalogue
