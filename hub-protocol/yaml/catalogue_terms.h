// What a catalogue file says of the terms on which a topic is provided; internal to this folder.
#pragma once

#include "hub-protocol/model/topic.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::yaml {

// What the reader does not have is as `defaults` says.
// complete: they are those of a topic, so a legal basis that must be there and is not is an error (QZ-CFG-113).
TopicTerms read_terms(MapReader& reader, const TopicTerms& defaults, bool complete);

}  // namespace qianzhi::yaml
