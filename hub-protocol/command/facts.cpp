#include "hub-protocol/command/facts.h"

#include <Poco/Environment.h>

namespace qianzhi::command {

namespace {

// POCO_VERSION style: 0xMMmmppss.
std::string poco_version(Poco::UInt32 number) {
  return std::to_string(number >> 24U) + "." + std::to_string((number >> 16U) & 0xFFU) + "." +
         std::to_string((number >> 8U) & 0xFFU);
}

std::string compiler() {
#ifdef __clang__
  return std::string("clang ") + __clang_version__;
#else
  return std::string("g++ ") + __VERSION__;
#endif
}

std::string kind() {
#ifdef QIANZHI_CRASH_POINTS
  return "test";
#else
  return "package";
#endif
}

}  // namespace

std::vector<Fact> build_facts() {
  return {{"compiler", "编译器 / compiler", compiler()},
          {"standard", "C++ 标准 / C++ standard", std::to_string(__cplusplus)},
          {"build", "构建用途 / built for", kind()},
          {"architecture", "体系结构 / architecture", Poco::Environment::osArchitecture()},
          {"system", "操作系统 / system", Poco::Environment::osName() + " " + Poco::Environment::osVersion()},
          {"poco", "POCO", poco_version(Poco::Environment::libraryVersion())}};
}

std::string facts_text(const std::string& program) {
  std::string text = program + " " QIANZHI_VERSION "\n";
  for (const Fact& fact : build_facts()) text += fact.name + ": " + fact.value + "\n";
  return text;
}

}  // namespace qianzhi::command
