// The section `log` that the configurations of agent, hub and desk share:
//
//   log: {format: json}    # text, which is the default, or json; see hub-protocol/base/log.h
#pragma once

#include "hub-protocol/base/log.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

// root: of the whole file. Changes nothing by itself: what runs calls set_log_form().
LogForm read_log(MapReader& root);

}  // namespace qianzhi::yaml
