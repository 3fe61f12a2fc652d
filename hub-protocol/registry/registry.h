// The registry: what administration decides while the hub runs. Members, catalogue, provisions and grants beside those
// of the configuration file; tokens, requests, objections, accounts. One SQLite file of records, each with all its
// revisions, and the audit trail; a change and its audit entry are one commit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/audit/audit_log.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::registry {

// Kinds of records, and what their bodies are: serialised messages. Frozen: in the store.
namespace kind {
inline constexpr std::string_view department = "department";  // wire::DepartmentMessage
inline constexpr std::string_view agent = "agent";            // wire::AgentMessage
inline constexpr std::string_view topic = "topic";            // wire::TopicMessage
inline constexpr std::string_view code_table = "code_table";  // wire::CodeTablePart
inline constexpr std::string_view provision = "provision";    // wire::ProvisionMessage
inline constexpr std::string_view grant = "grant";            // wire::GrantMessage
// Of the hub itself, each with the one id "catalogue": what it published last, and the digest of what may be published
// although it is incompatible.
inline constexpr std::string_view published_catalogue = "published_catalogue";  // wire::CatalogueFile
inline constexpr std::string_view accepted_catalogue = "accepted_catalogue";    // 32 octets
}  // namespace kind

struct Record {
  std::string kind;
  std::string id;
  std::uint64_t revision = 0;  // 1, 2, 3 ... of this kind and id
  bool is_removed = false;     // then the body is empty
  Bytes body;
  Micros time = 0;
  std::string actor;  // who made this revision: "KIND:NAME"
};

// What is in force, as one consistent state. Valid only inside the function it is given to.
class View {
 public:
  explicit View(sqlite::Database& database) : database_(database) {}

  // Nothing if it never was or is removed.
  std::optional<Record> find(std::string_view kind, std::string_view id) const;
  // Sorted by id; without removed ones.
  std::vector<Record> all(std::string_view kind) const;
  // Every revision, oldest first; also of what is removed.
  std::vector<Record> history(std::string_view kind, std::string_view id) const;

 protected:
  sqlite::Database& database_;
};

// One change in the making.
class Change : public View {
 public:
  Change(sqlite::Database& database, audit::Actor actor, DigestSuite suite, Micros now)
      : View(database), actor_(std::move(actor)), suite_(suite), now_(now) {}

  const audit::Actor& actor() const { return actor_; }
  Micros now() const { return now_; }
  // A new revision. The same body as the one in force: nothing.
  void put(std::string_view kind, std::string_view id, std::string_view body);
  // Throws Error(misuse, QZ-HUB-060) if there is none.
  void remove(std::string_view kind, std::string_view id);
  // What the audit trail says of this change; a change without an entry is refused. The entry's actor is the change's.
  void note(audit::Entry entry);
  // For tables of other folders in the same file.
  sqlite::Database& database() { return database_; }
  bool is_noted() const { return noted_; }

 private:
  void write(std::string_view kind, std::string_view id, std::uint64_t revision, bool is_removed,
             std::string_view body);

  audit::Actor actor_;
  DigestSuite suite_;
  Micros now_;
  bool noted_ = false;
};

// Thread-safe; one caller at a time.
class Registry {
 public:
  // Opens or creates the file. suite: of the audit trail's digests. Throws as sqlite does.
  Registry(const std::filesystem::path& file, DigestSuite suite, const Clock& clock);

  // All that make() does, or nothing if it throws. make must call note().
  void change(const audit::Actor& actor, const std::function<void(Change&)>& make);
  void read(const std::function<void(const View&)>& look) const;
  // An entry without a change: a refusal, a login.
  void note(const audit::Entry& entry);
  // Grows with each change.
  std::uint64_t revision() const;
  // Writes the file as it is now to this new file, as sqlite::Database::copy_into does.
  void copy_into(const std::filesystem::path& file, const std::function<bool()>& go_on);

 private:
  mutable std::mutex lock_;
  mutable sqlite::Database database_;
  DigestSuite suite_;
  const Clock& clock_;
  std::uint64_t revision_ = 0;
};

}  // namespace qianzhi::registry
