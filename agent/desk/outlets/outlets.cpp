#include <variant>

#include "agent/desk/outlets/command_outlet.h"
#include "agent/desk/outlets/file_outlet.h"
#include "agent/desk/outlets/mail_outlet.h"
#include "agent/desk/outlets/outlet.h"
#include "agent/desk/outlets/statement_outlet.h"
#include "agent/desk/outlets/webhook_outlet.h"
#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

struct MakeOutlet {
  const OutletConfig& config;
  const Clock& clock;
  std::unique_ptr<Outlet> operator()(const WebhookConfig& kind) const {
    return std::make_unique<WebhookOutlet>(kind, config.timeout, clock);
  }
  std::unique_ptr<Outlet> operator()(const CommandConfig& kind) const {
    return std::make_unique<CommandOutlet>(kind, config.timeout);
  }
  std::unique_ptr<Outlet> operator()(const MailConfig& kind) const {
    return std::make_unique<MailOutlet>(kind, config.timeout);
  }
  std::unique_ptr<Outlet> operator()(const FileConfig& kind) const { return std::make_unique<FileOutlet>(kind); }
  std::unique_ptr<Outlet> operator()(const StatementConfig& kind) const {
    return std::make_unique<StatementOutlet>(kind);
  }
};

}  // namespace

std::unique_ptr<Outlet> make_outlet(const OutletConfig& config, const Clock& clock) {
  return std::visit(MakeOutlet{config, clock}, config.kind);
}

std::string json_of(const Notice& notice) {
  return R"({"id":)" + json_text(notice.token) + R"(,"event":)" + json_text(notice.event) + R"(,"subject":)" +
         json_text(notice.subject) + R"(,"made":)" + json_text(to_text(notice.made)) + R"(,"fields":)" +
         notice.payload + "}";
}

}  // namespace qianzhi::desk
