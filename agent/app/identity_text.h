// What enrolment leaves beside the keys for the configuration: the lines of agent, exchange and queue.
#pragma once

#include <filesystem>
#include <string>

#include "agent/identity/enrol.h"

namespace qianzhi::app {

// YAML; the queue's path is not among it and can follow at once.
std::string section_of(const identity::Enrolled& enrolled, const std::filesystem::path& folder);

// Where enrol() keeps that text, mode 0600.
std::filesystem::path section_file(const std::filesystem::path& identity);

}  // namespace qianzhi::app
