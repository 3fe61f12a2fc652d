#include "hub-protocol/command/outcome.h"

#include <Poco/JSON/Object.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

constexpr std::array<std::string_view, 6> usage_codes = {"QZ-CLI-001", "QZ-CLI-002", "QZ-CLI-003",
                                                         "QZ-CLI-004", "QZ-CLI-005", "QZ-HUB-051"};
// An account or a user who may not: the hub's own decisions, and files and sockets of this machine.
constexpr std::array<std::string_view, 4> permission_codes = {"QZ-CLI-010", "QZ-CLI-011", "QZ-HUB-270", "QZ-HUB-277"};

bool is_one_of(const std::string& code, const auto& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

const std::vector<StatusText>& all_statuses() {
  static const std::vector<StatusText> all = {
      {status_good, "成功 / good"},
      {status_failed, "失败：检查未通过，或没有做成 / failed: what was looked at does not hold, or it did not work"},
      {status_usage, "命令行写错，什么也没有做 / the command line is wrong, nothing was done"},
      {status_unreachable, "代理、中心或数据库没有应答 / agent, hub or database did not answer"},
      {status_io, "本机数据库损坏（仅 qianzhi-desk） / the desk's own database does not hold"},
      {status_no_permission, "没有权限：用户、账户或数据库登录 / no permission: of user, account or database login"},
      {status_configuration, "配置有误或缺失 / the configuration is wrong or missing"}};
  return all;
}

int status_of(const Error& error) {
  if (is_one_of(error.code(), usage_codes)) return status_usage;
  if (is_one_of(error.code(), permission_codes)) return status_no_permission;
  if (error.kind() == ErrorKind::misuse) return status_configuration;
  return error.kind() == ErrorKind::unavailable ? status_unreachable : status_failed;
}

std::string json_of(const Error& error) {
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("code", error.code());
  object.set("kind", std::string(name_of(error.kind())));
  object.set("status", status_of(error));
  object.set("detail", error.detail());
  object.set("hint", error.hint());
  if (const auto found = explain(error.code())) {
    object.set("title_zh", std::string(found->title_zh));
    object.set("title_en", std::string(found->title_en));
    object.set("cause_zh", std::string(found->cause_zh));
    object.set("cause_en", std::string(found->cause_en));
    object.set("next_zh", std::string(found->next_zh));
    object.set("next_en", std::string(found->next_en));
  }
  std::ostringstream out;
  object.stringify(out);
  return out.str() + "\n";
}

int tell(const Error& error, Language language, bool json) {
  const int status = status_of(error);
  if (json) {
    std::fputs(json_of(error).c_str(), stdout);
    return status;
  }
  const bool paints = wants_colour(stderr);
  std::fprintf(stderr, "%s%s%s\n", painted(error.code(), Colour::red, paints).c_str(),
               error.detail().empty() ? "" : ": ", error.detail().c_str());
  if (!error.hint().empty()) std::fprintf(stderr, "  -> %s\n", error.hint().c_str());
  const auto found = explain(error.code());
  if (!found) return status;
  for (const bool zh : {true, false})
    if (language != (zh ? Language::en : Language::zh))
      std::fprintf(stderr, "  %s\n", (zh ? found->title_zh : found->title_en).data());
  for (const bool zh : {true, false})
    if (language != (zh ? Language::en : Language::zh))
      std::fprintf(stderr, "  -> %s\n", (zh ? found->next_zh : found->next_en).data());
  return status;
}

}  // namespace qianzhi::command
