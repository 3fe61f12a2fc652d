#include "hub-protocol/hub/parcel_box.h"

#include <mutex>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::hub {

namespace {

constexpr int box_application_id = 0x515a5042;  // "QZPB"
constexpr int box_format = 1;
constexpr int expired_at_once = 1000;

// octets: NULL once taken. account: sums over parcel, so that limits cost nothing.
constexpr char box_schema[] = R"(
CREATE TABLE parcel(
  place INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, id BLOB NOT NULL, kind INTEGER NOT NULL,
  sender TEXT NOT NULL, receiver TEXT NOT NULL, service TEXT NOT NULL, questions INTEGER NOT NULL,
  deadline INTEGER NOT NULL, size INTEGER NOT NULL, octets BLOB, UNIQUE(sender, id)) STRICT;
CREATE INDEX parcel_waiting ON parcel(receiver, place) WHERE octets IS NOT NULL;
CREATE INDEX parcel_deadline ON parcel(deadline);
CREATE TABLE account(
  sender TEXT NOT NULL, receiver TEXT NOT NULL, octets INTEGER NOT NULL, waiting INTEGER NOT NULL,
  remembered INTEGER NOT NULL, PRIMARY KEY(sender, receiver)) STRICT, WITHOUT ROWID;
CREATE TABLE box(id INTEGER PRIMARY KEY CHECK(id = 1), clean INTEGER NOT NULL) STRICT;
INSERT INTO box VALUES(1, 1);
)";

constexpr char remembered_columns[] = "kind, sender, receiver, service, questions, deadline, octets IS NULL";

RememberedParcel remembered_in(const sqlite::Statement& row) {
  RememberedParcel parcel;
  parcel.kind = static_cast<seal::ParcelKind>(row.integer(0));
  parcel.from = row.text(1);
  parcel.to = row.text(2);
  parcel.service = row.text(3);
  parcel.questions = static_cast<std::uint32_t>(row.integer(4));
  parcel.deadline = row.integer(5);
  parcel.taken = row.integer(6) != 0;
  return parcel;
}

sqlite::Database open_box(const std::filesystem::path& file, const std::string& vfs) {
  sqlite::OpenOptions options;
  options.vfs = vfs;
  sqlite::Database database(file, options);
  if (database.scalar("SELECT count(*) FROM sqlite_schema") == 0) {
    sqlite::Transaction transaction(database);
    database.execute(box_schema);
    database.execute("PRAGMA application_id=" + std::to_string(box_application_id));
    database.execute("PRAGMA user_version=" + std::to_string(box_format));
    transaction.commit();
  }
  if (database.scalar("PRAGMA application_id") != box_application_id ||
      database.scalar("PRAGMA user_version") != box_format)
    throw Error(ErrorKind::misuse, "QZ-HUB-029", file.string());
  if (database.scalar("SELECT clean FROM box") == 0) {
    auto check = database.prepare("PRAGMA quick_check(1)");
    if (!check.step() || check.view(0) != "ok")
      throw Error(ErrorKind::corrupt, "QZ-HUB-032", file.string() + ": " + check.text(0));
  }
  database.execute("UPDATE box SET clean = 0");
  return database;
}

}  // namespace

struct ParcelBox::State {
  State(const std::filesystem::path& file, const ParcelBoxLimits& the_limits, const std::string& vfs)
      : limits(the_limits), database(open_box(file, vfs)) {}

  PutOutcome put(const OfferedParcel& parcel, Micros now);
  std::optional<PutOutcome> known(const seal::ParcelHead& head);
  std::optional<PutOutcome> beyond_limits(const seal::ParcelHead& head, std::uint64_t size);
  void add_to_account(std::string_view sender, std::string_view receiver, std::int64_t octets, int waiting,
                      int remembered);

  ParcelBoxLimits limits;
  std::mutex lock;
  sqlite::Database database;
};

std::optional<PutOutcome> ParcelBox::State::known(const seal::ParcelHead& head) {
  auto row = database.prepare("SELECT digest FROM parcel WHERE sender = ? AND id = ?");
  row.bind(1, head.from).bind_blob(2, head.id);
  if (!row.step()) return std::nullopt;
  return row.view(0) == head.digest.bytes() ? PutOutcome::repeated : PutOutcome::contradiction;
}

std::optional<PutOutcome> ParcelBox::State::beyond_limits(const seal::ParcelHead& head, std::uint64_t size) {
  auto of_sender = database.prepare(
      "SELECT coalesce(sum(octets), 0), coalesce(sum(remembered), 0),"
      " coalesce(sum(octets) FILTER (WHERE receiver = ?2), 0) FROM account WHERE sender = ?1");
  of_sender.bind(1, head.from).bind(2, head.to);
  of_sender.step();
  if (of_sender.number(0) + size > limits.sender_octets || of_sender.number(1) >= limits.sender_remembered ||
      of_sender.number(2) + size > limits.pair_octets)
    return PutOutcome::sender_full;
  const std::int64_t all = database.scalar("SELECT coalesce(sum(octets), 0) FROM account").value_or(0);
  if (static_cast<std::uint64_t>(all) + size > limits.box_octets) return PutOutcome::box_full;
  return std::nullopt;
}

void ParcelBox::State::add_to_account(std::string_view sender, std::string_view receiver, std::int64_t octets,
                                      int waiting, int remembered) {
  database
      .prepare(
          "INSERT INTO account VALUES(?, ?, ?, ?, ?) ON CONFLICT(sender, receiver) DO UPDATE SET octets = octets +"
          " excluded.octets, waiting = waiting + excluded.waiting, remembered = remembered + excluded.remembered")
      .bind(1, sender)
      .bind(2, receiver)
      .bind(3, octets)
      .bind(4, waiting)
      .bind(5, remembered)
      .run();
}

PutOutcome ParcelBox::State::put(const OfferedParcel& parcel, Micros now) {
  const seal::ParcelHead& head = parcel.head;
  QZ_ASSERT(!head.digest.is_zero());
  if (const auto outcome = known(head)) return *outcome;
  if (head.deadline <= now) return PutOutcome::late;
  if (const auto outcome = beyond_limits(head, parcel.octets.size())) return *outcome;
  database
      .prepare(
          "INSERT INTO parcel(digest, id, kind, sender, receiver, service, questions, deadline, size, octets)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind_blob(1, head.digest.bytes())
      .bind_blob(2, head.id)
      .bind(3, static_cast<int>(head.kind))
      .bind(4, head.from)
      .bind(5, head.to)
      .bind(6, head.service)
      .bind(7, std::int64_t{head.questions})
      .bind(8, head.deadline)
      .bind(9, std::uint64_t{parcel.octets.size()})
      .bind_blob(10, parcel.octets)
      .run();
  add_to_account(head.from, head.to, static_cast<std::int64_t>(parcel.octets.size()), 1, 1);
  return PutOutcome::kept;
}

std::string_view code_of(PutOutcome outcome) {
  switch (outcome) {
    case PutOutcome::kept:
    case PutOutcome::repeated: return {};
    case PutOutcome::contradiction: return "QZ-SEAL-110";
    case PutOutcome::late: return "QZ-SEAL-111";
    case PutOutcome::sender_full: return "QZ-SEAL-112";
    case PutOutcome::box_full: return "QZ-SEAL-113";
  }
  QZ_ASSERT(!"an outcome");
}

ParcelBox::ParcelBox(const std::filesystem::path& file, const ParcelBoxLimits& limits, const std::string& vfs)
    : state_(std::make_unique<State>(file, limits, vfs)) {}

ParcelBox::~ParcelBox() {
  // Whatever fails here only makes the next start verify the file.
  try {
    if (!state_->database.has_failed()) state_->database.execute("UPDATE box SET clean = 1");
  } catch (const Error& error) {
    log("parcel box", error);
  }
}

std::vector<PutOutcome> ParcelBox::put(std::span<const OfferedParcel> parcels, Micros now) {
  std::vector<PutOutcome> outcomes;
  outcomes.reserve(parcels.size());
  const std::lock_guard guard(state_->lock);
  sqlite::Transaction transaction(state_->database);
  for (const OfferedParcel& parcel : parcels) outcomes.push_back(state_->put(parcel, now));
  transaction.commit();
  return outcomes;
}

PutOutcome ParcelBox::put(std::string_view octets, const seal::ParcelHead& head, Micros now) {
  const OfferedParcel one{head, octets};
  return put({&one, 1}, now).front();
}

std::vector<WaitingParcel> ParcelBox::waiting_for(std::string_view agent, std::uint64_t most_octets,
                                                  std::uint64_t after, Micros now) const {
  std::vector<WaitingParcel> waiting;
  std::uint64_t octets = 0;
  const std::lock_guard guard(state_->lock);
  auto row = state_->database.prepare(
      "SELECT place, digest, size, deadline, octets FROM parcel"
      " WHERE receiver = ? AND place > ? AND octets IS NOT NULL ORDER BY place");
  row.bind(1, agent).bind(2, after);
  while (row.step()) {
    if (row.integer(3) <= now) continue;
    octets += row.number(2);
    if (!waiting.empty() && octets > most_octets) break;
    waiting.push_back({row.number(0), Digest::from_bytes(row.view(1)), row.text(4)});
  }
  return waiting;
}

bool ParcelBox::waits_for(std::string_view agent, Micros now) const {
  const std::lock_guard guard(state_->lock);
  auto row = state_->database.prepare(
      "SELECT 1 FROM parcel WHERE receiver = ? AND octets IS NOT NULL AND deadline > ? LIMIT 1");
  row.bind(1, agent).bind(2, now);
  return row.step();
}

std::vector<RememberedParcel> ParcelBox::taken(std::string_view agent, std::span<const Digest> digests) {
  std::vector<RememberedParcel> gone;
  if (digests.empty()) return gone;
  const std::lock_guard guard(state_->lock);
  sqlite::Transaction transaction(state_->database);
  for (const Digest& digest : digests) {
    std::int64_t size = 0;
    {
      auto row =
          state_->database.prepare(std::string("SELECT ") + remembered_columns +
                                   ", size FROM parcel WHERE digest = ? AND receiver = ? AND octets IS NOT NULL");
      row.bind_blob(1, digest.bytes()).bind(2, agent);
      if (!row.step()) continue;
      gone.push_back(remembered_in(row));
      size = row.integer(7);
    }
    gone.back().taken = true;
    state_->database.prepare("UPDATE parcel SET octets = NULL WHERE digest = ?").bind_blob(1, digest.bytes()).run();
    state_->add_to_account(gone.back().from, agent, -size, -1, 0);
  }
  transaction.commit();
  return gone;
}

std::optional<RememberedParcel> ParcelBox::find(const Digest& digest) const {
  const std::lock_guard guard(state_->lock);
  auto row = state_->database.prepare(std::string("SELECT ") + remembered_columns + " FROM parcel WHERE digest = ?");
  row.bind_blob(1, digest.bytes());
  if (!row.step()) return std::nullopt;
  return remembered_in(row);
}

std::vector<RememberedParcel> ParcelBox::expire(Micros now) {
  std::vector<RememberedParcel> unread;
  bool more = true;
  while (more) {
    const std::lock_guard guard(state_->lock);
    sqlite::Transaction transaction(state_->database);
    std::vector<std::pair<std::uint64_t, std::int64_t>> over;  // place, size
    std::vector<RememberedParcel> parcels;
    {
      auto row = state_->database.prepare(std::string("SELECT ") + remembered_columns +
                                          ", place, size FROM parcel WHERE deadline <= ? LIMIT ?");
      row.bind(1, now).bind(2, expired_at_once);
      while (row.step()) {
        parcels.push_back(remembered_in(row));
        over.emplace_back(row.number(7), row.integer(8));
      }
    }
    for (std::size_t i = 0; i < over.size(); ++i) {
      const bool waited = !parcels[i].taken;
      state_->database.prepare("DELETE FROM parcel WHERE place = ?").bind(1, over[i].first).run();
      state_->add_to_account(parcels[i].from, parcels[i].to, waited ? -over[i].second : 0, waited ? -1 : 0, -1);
      if (waited) unread.push_back(std::move(parcels[i]));
    }
    state_->database.execute("DELETE FROM account WHERE remembered = 0");
    transaction.commit();
    more = over.size() == expired_at_once;
  }
  return unread;
}

ParcelBoxTotals ParcelBox::totals() const {
  const std::lock_guard guard(state_->lock);
  auto row = state_->database.prepare(
      "SELECT coalesce(sum(waiting), 0), coalesce(sum(octets), 0), coalesce(sum(remembered), 0) FROM account");
  row.step();
  return {row.number(0), row.number(1), row.number(2)};
}

}  // namespace qianzhi::hub
