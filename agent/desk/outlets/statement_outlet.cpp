#include "agent/desk/outlets/statement_outlet.h"

#include <utility>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

std::string value_for(const Notice& notice, const std::string& name) {
  if (const auto found = notice.fields.find(name); found != notice.fields.end()) return found->second;
  if (name == "id") return notice.token;
  if (name == "event") return notice.event;
  if (name == "subject") return notice.subject;
  return {};
}

Delivery::Verdict verdict_for(ErrorKind kind) {
  return kind == ErrorKind::rejected ? Delivery::Verdict::refused : Delivery::Verdict::later;
}

}  // namespace

StatementOutlet::StatementOutlet(StatementConfig config) : config_(std::move(config)) {}

Delivery StatementOutlet::send(const Notice& notice) {
  try {
    sqlite::OpenOptions options;
    options.access = sqlite::Access::read_write;
    options.own_store = false;
    sqlite::Database database(config_.file, options);
    sqlite::Transaction transaction(database);
    database.execute("CREATE TABLE IF NOT EXISTS qianzhi_notice(token TEXT PRIMARY KEY) WITHOUT ROWID");
    database.prepare("INSERT INTO qianzhi_notice(token) VALUES(?1) ON CONFLICT DO NOTHING").bind(1, notice.token).run();
    if (database.changes() == 0) return {Delivery::Verdict::sent, "was done before"};
    {
      sqlite::Statement statement = database.prepare(config_.statement);
      if (statement.parameters() != static_cast<int>(config_.values.size()))
        return {Delivery::Verdict::refused, "QZ-DSK-100 the statement has another number of values"};
      int parameter = 0;
      for (const std::string& name : config_.values) statement.bind(++parameter, value_for(notice, name));
      statement.run();
    }
    transaction.commit();
    return {Delivery::Verdict::sent, "done"};
  } catch (const Error& error) {
    return {verdict_for(error.kind()), error.code()};
  }
}

}  // namespace qianzhi::desk
