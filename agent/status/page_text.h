// Words, numbers and times of the status page: those of all our pages.
#pragma once

#include "hub-protocol/html/text.h"

namespace qianzhi::status {

using html::age_text;
using html::escaped;
using html::grouped;
using html::Language;
using html::language_of;
using html::local_text;
using html::octets_text;
using html::pick;
using html::readable;
using html::span_text;
using html::text_of;
using html::zone_text;

}  // namespace qianzhi::status
