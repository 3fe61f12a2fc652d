// Writes the seeds of the fuzz targets into a directory: what shipped encoders, a shipped hub and a real PostgreSQL
// server really say. Run by hand when a message changes.
#include <libpq-fe.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"
#include "agent/flow/record.pb.h"
#include "tests/fuzz/fixed_agent.h"
#include "tests/support/postgres_server.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

class Folder {
 public:
  Folder(std::filesystem::path root, const std::string& name) : path_(std::move(root) / name) {
    std::filesystem::create_directories(path_);
  }
  void write(const std::string& name, const Bytes& octets) const {
    std::ofstream(path_ / name, std::ios::binary) << octets;
  }
  // After a first octet that the target reads.
  template <class Message>
  void write(const std::string& name, int first, const Message& message) const {
    write(name, Bytes(1, static_cast<char>(first)) + message.SerializeAsString());
  }

 private:
  std::filesystem::path path_;
};

constexpr int as_tax = 5;

wire::FetchRequest fetch_request(const FixedHub& hub, const Head& mark) {
  wire::FetchRequest request;
  wire::MarkMessage& asked = *request.add_marks();
  write_value(StreamId{"commerce-01", firms}, *asked.mutable_stream());
  write_value(mark, *asked.mutable_mark());
  request.mutable_directory()->set_version(hub.world.directory.version);
  request.mutable_directory()->set_digest(hub.world.directory.digest.bytes());
  wire::Wish& wish = *request.add_wishes();
  *wish.mutable_stream() = asked.stream();
  write_value(GroupSet::of({"440103"}), *wish.mutable_groups());
  *wish.mutable_mark() = asked.mark();
  wish.mutable_evidence()->ParseFromString(seal::Parsed::from(hub.batches[1].octets).bare());
  return request;
}

wire::AppliedRequest applied_request(const FixedHub& hub) {
  wire::AppliedBody body;
  write_value(StreamId{"commerce-01", firms}, *body.mutable_stream());
  body.set_subscriber("tax-01");
  write_value(Head{{1, 2}, hub.batches[1].digest}, *body.mutable_mark());
  body.set_upserted(2);
  body.set_time(1'700'000'000'000'000);
  wire::AppliedRequest request;
  wire::Applied& applied = *request.add_applied();
  applied.set_body(body.SerializeAsString());
  applied.mutable_signature()->set_key_id(hub.world.tax_key.record().id);
  applied.mutable_signature()->set_value(hub.world.tax_key.sign(seal::Purpose::applied, applied.body()));
  return request;
}

void make_hub(const std::filesystem::path& root, FixedHub& hub) {
  const Folder folder(root, "hub");
  wire::SessionRequest session;
  session.add_topics(firms);
  *session.mutable_directory() = fetch_request(hub, {}).directory();
  session.set_signed_root(hub.world.sealed.signed_root);
  const wire::SessionReply opened = hub.world.open();
  *session.add_receipts() = hub.world.open("commerce-01", session).heads(0);
  *session.add_seen() = opened.incarnation();
  folder.write("session", 0, session);
  wire::PostRequest post;
  for (const seal::Sealed& batch : hub.batches) post.add_batches(batch.octets);
  folder.write("post_repeat", 1, post);
  post.clear_batches();
  post.add_batches(hub.next.octets);
  folder.write("post_next", 1, post);
  Chain other({"commerce-01", firms}, hub.world.key, hub.salts);
  post.add_batches(other.begin().octets);
  folder.write("post_equivocation", 1, post);
  folder.write("fetch", 2 + as_tax, fetch_request(hub, {}));
  folder.write("fetch_after", 2 + as_tax, fetch_request(hub, {{1, 2}, hub.batches[1].digest}));
  wire::DirectoryRequest directory;
  folder.write("root", 3, directory);
  for (const auto& [digest, part] : hub.world.sealed.parts) directory.add_parts(digest.bytes());
  folder.write("parts", 3, directory);
  folder.write("applied", 4 + as_tax, applied_request(hub));
}

void make_agent(const std::filesystem::path& root, FixedHub& hub) {
  const Folder folder(root, "agent");
  hub.restart();
  wire::SessionRequest session;
  session.add_topics(firms);
  folder.write("session", 0, hub.world.open("commerce-01", session));
  const wire::FetchReply page = hub.world.hub->fetch("tax-01", fetch_request(hub, {}));
  folder.write("page", 3, page);
  folder.write("page_after", 3, hub.world.hub->fetch("tax-01", fetch_request(hub, {{1, 2}, hub.batches[1].digest})));
  Head off{{1, 4}, {}};
  off.digest.octets.fill(1);
  folder.write("restart", 3, hub.world.hub->fetch("tax-01", fetch_request(hub, off)));
  off.position = {9, 9};
  folder.write("behind", 3, hub.world.hub->fetch("tax-01", fetch_request(hub, off)));
  wire::FetchRequest ask;
  *ask.mutable_directory() = fetch_request(hub, {}).directory();
  folder.write("wish", 2, hub.world.hub->fetch("commerce-01", ask));
  folder.write("post", 1, hub.world.post_all({hub.next}));
  // The subscriber stands at the hub's first head: this page moves it.
  const Head head{{1, 4}, hub.batches[3].digest};
  folder.write("page_moves", 3, hub.world.hub->fetch("tax-01", fetch_request(hub, head)));
  folder.write("root", 4, hub.world.hub->directory("tax-01", {}));
  hub.restart();
}

Bytes frame(const adapter::wire::Request& request) {
  const Bytes octets = request.SerializeAsString();
  Bytes framed;
  for (int shift = 24; shift >= 0; shift -= 8) framed.push_back(static_cast<char>((octets.size() >> shift) & 0xFFU));
  return framed + octets;
}

adapter::TargetTransaction transaction_of(const FixedHub& hub) {
  const Entitlement all = entitled(GroupSet::every(), {"number", "name", "area"});
  flow::ApplyBuilder builder(hub.world.directory.catalogue.topics.at(firms), all, {}, {});
  for (const seal::Sealed& batch : hub.batches) builder.add(seal::Parsed::from(batch.octets));
  return {0, {}, {firms, "commerce-01", builder.head(), encode(builder.state())}, builder.take_steps()};
}

void make_requests(const Folder& folder, const FixedHub& hub) {
  std::vector<adapter::wire::Request> source(6);
  source[0].mutable_hello()->set_protocol(1);
  adapter::encode(adapter::SourceSpec{{{{"file", "f"}}, {{"password", "p"}}},
                                      "s",
                                      adapter::CaptureMode::journal,
                                      {{"firm", {"id", "name", "area"}, {"id"}, {"area"}}},
                                      0},
                  *source[1].mutable_open_source());
  source[2].mutable_present();
  adapter::encode(SourcePosition{"order", "identity"}, *source[3].mutable_read_changes()->mutable_after());
  source[3].mutable_read_changes()->mutable_limits()->set_rows(10);
  source[4].mutable_read_snapshot()->set_cursor("c");
  adapter::encode(SourcePosition{"order", "identity"}, *source[5].mutable_forget());
  std::vector<adapter::wire::Request> target(4);
  target[0].mutable_hello()->set_protocol(1);
  adapter::TargetSpec spec = flow::Deliver::spec_of({"target", "sqlite", {}, {}}, {[] {
                                                      config::SubscriptionConfig subscription;
                                                      subscription.topic = firms;
                                                      subscription.table = "received";
                                                      return subscription;
                                                    }()},
                                                    hub.world.directory.catalogue, {});
  adapter::encode(spec, *target[1].mutable_open_target());
  target[2].mutable_marks();
  adapter::encode(transaction_of(hub), *target[3].mutable_apply());
  Bytes frames = "r";
  for (const auto& request : source) frames += frame(request);
  folder.write("requests_source", frames);
  frames = "r";
  for (const auto& request : target) frames += frame(request);
  folder.write("requests_target", frames);
}

void make_lookup(const Folder& folder) {
  std::vector<adapter::wire::Request> requests(3);
  requests[0].mutable_hello()->set_protocol(1);
  const adapter::LookupSpec spec{{{{"file", "f"}}, {{"password", "p"}}},
                                 "s",
                                 {{"one", "t", {"a"}, "", {}, {"id", "name"}, {}},
                                  {"two", "", {}, "SELECT id FROM t WHERE a = :a", {"a"}, {"id"}, {ItemType::date}}},
                                 5'000'000};
  adapter::encode(spec, *requests[1].mutable_open_lookup());
  std::vector<Column> questions(1);
  questions[0].append("440103");
  questions[0].append_null();
  adapter::encode_questions(questions, *requests[2].mutable_find());
  requests[2].mutable_find()->set_rows_each(10);
  requests[2].mutable_find()->mutable_limits()->set_rows(100);
  Bytes frames = "r";
  for (const auto& request : requests) frames += frame(request);
  folder.write("requests_lookup", frames);
  folder.write("text", "tSELECT x::date, ':a', \"b\", $$:a$$ /* :b */ FROM t WHERE a = :a AND b = :b -- end\n;");
  adapter::Found found;
  found.answered = 4;
  found.question = {0, 2};
  found.columns.resize(2);
  for (Column& column : found.columns) {
    column.append("甲");
    column.append_null();
  }
  found.cut = {2};
  found.unfit = {1, 3};
  adapter::wire::Reply reply;
  adapter::encode(found, *reply.mutable_found());
  folder.write("reply_found", 'a', reply);
}

adapter::Changes some_changes() {
  adapter::Changes changes;
  adapter::TableChanges table;
  table.meta = {{Operation::upsert, 7, 1'700'000'000'000'000}, {Operation::remove, 8, 1'700'000'000'000'001}};
  table.columns.resize(3);
  table.old.resize(1);
  for (Column& column : table.columns) {
    column.append("甲");
    column.append_unchanged();
  }
  table.old[0].append("440103");
  table.old[0].append_null();
  changes.tables.push_back(table);
  changes.events.push_back({0, adapter::TableEventKind::truncated, "TRUNCATE"});
  changes.position = {"order", "identity"};
  changes.more = true;
  return changes;
}

void make_replies(const Folder& folder) {
  using adapter::wire::Reply;
  const auto write = [&](const std::string& name, const std::function<void(Reply&)>& fill) {
    Reply reply;
    fill(reply);
    folder.write("reply_" + name, 'a', reply);
  };
  write("failure",
        [](Reply& r) { adapter::encode(Error(ErrorKind::unavailable, "QZ-PG-001", "x", "y"), *r.mutable_failure()); });
  write("changes", [](Reply& r) { adapter::encode(some_changes(), *r.mutable_changes()); });
  write("position", [](Reply& r) { adapter::encode(SourcePosition{"order", "identity"}, *r.mutable_position()); });
  write("page", [](Reply& r) {
    adapter::encode(adapter::SnapshotChunk{some_changes().tables[0].columns, "cursor", false, {"o", "i"}},
                    *r.mutable_page());
  });
  write("tables", [](Reply& r) {
    adapter::encode(std::vector<adapter::TableInfo>{{"firm", {{"id", "text", ItemType::text, false}}, {"id"}, 12}},
                    *r.mutable_tables());
  });
  write("findings", [](Reply& r) {
    adapter::encode(std::vector<adapter::Finding>{{adapter::Severity::error, "QZ-PG-004", "d", "c"}},
                    *r.mutable_findings());
  });
  write("marks", [](Reply& r) {
    Head head{{1, 2}, {}};
    head.digest.octets.fill(3);
    adapter::encode(std::vector<adapter::MarkRow>{{firms, "commerce-01", head, "state"}}, *r.mutable_marks());
  });
  write("applied", [](Reply& r) {
    adapter::ApplyResult result;
    result.state = adapter::ApplyResult::State::pending;
    result.rejections.push_back({0, 1, "QZ-PG-030", "d", true});
    adapter::encode(result, *r.mutable_applied());
  });
}

void make_state(const std::filesystem::path& root, FixedHub& hub) {
  const Folder folder(root, "state");
  FixedAgent subscriber(hub, "tax-01", hub.world.tax_key);
  subscriber.deliver.run_once();
  sqlite::Database target(subscriber.files / "target.db", {sqlite::Access::read_write, false, {}, 5000});
  auto mark = target.prepare("SELECT state FROM qianzhi_mark");
  QZ_ASSERT(mark.step());
  folder.write("mark", "m" + Bytes(mark.view(0)));
  FixedAgent provider(hub, "commerce-01", hub.world.key);
  provider.uplink.run_once();
  store::StreamState state = *provider.store.stream(firms);
  state.refill = store::Refill{hub.batches[0].digest, GroupSet::of({"440103"}), "cursor", true};
  state.epoch_request = store::EpochRequest{state.last, 3, "reason"};
  state.high_water = {"order", "identity"};
  folder.write("stream", "s" + encode(state));
  flow::record::Row row;
  flow::record::Cell& cell = *row.add_cells();
  cell.set_name("name");
  cell.set_text("甲");
  row.set_group("440103");
  folder.write("row", 'q', row);
  folder.write("damaged_mark", Bytes("m\x2a\x01") + "x");
  folder.write("damaged_stream", Bytes("s\x52\x03\x0a\x01") + "x");
  folder.write("damaged_literal", Bytes("l\x01") + "X'0g'");
  folder.write("literals", "l\x04NULL,-12,1.5e3,'it''s'");
  folder.write("literals_hex", "l\x02X'00ff',T'4100'");
  folder.write("journal", Bytes("j\0\0\0\0\0\0\0\1", 9));
  folder.write("position", "p" + Bytes(60, '\1'));
  folder.write("lsn", "n16/B374D848");
  for (const char* value : {"2024-02-29 23:59:59.5+00", "2024-02-29", "\\x00ff", "-12.50", "NaN", "infinity", "t"})
    folder.write("value_" + to_hex(value), "v" + Bytes(value));
}

void make_http(const std::filesystem::path& root) {
  const Folder folder(root, "http");
  const std::string post = "POST /v1/batches HTTP/1.1\r\nHost: hub:8443\r\nContent-Type: application/x-protobuf\r\n";
  folder.write("request", post + "Content-Length: 3\r\n\r\nabc" + post + "Content-Length: 0\r\n");
  folder.write("reply",
               "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n"
               "Connection: close\r\n");
  folder.write("smuggled", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  folder.write("twice", post + "Content-Length: 3\r\nContent-Length: 4\r\n");
  folder.write("folded", post + " folded: 1\r\nX: =?UTF-32?B?////?=\r\n");
  std::string many = post;
  for (int i = 0; i < 63; ++i) many += "X" + std::to_string(i) + ": 1\r\n";
  folder.write("many", many);
}

// What pgoutput sends for a session that does everything our reader knows.
void make_pgoutput(const std::filesystem::path& root) {
  const PostgresServer server;
  PGconn* connection = PQconnectdb(server.dsn().c_str());
  const auto run = [&](const char* sql) {
    PGresult* result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection));
    return result;
  };
  run("CREATE TABLE firm(id text PRIMARY KEY, name text, area text, capital numeric, seen timestamptz, flag boolean, "
      "seal bytea); CREATE TABLE note(id int PRIMARY KEY, body text, day date); ALTER TABLE note REPLICA IDENTITY FULL;"
      "ALTER TABLE note ALTER body SET STORAGE EXTERNAL; CREATE PUBLICATION p FOR TABLE firm, note");
  run("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
  run("INSERT INTO firm VALUES('1', '甲公司', '440103', 12.50, '2024-02-29 08:00:00+08', true, '\\x00ff'), "
      "('2', NULL, NULL, 'NaN', 'infinity', false, NULL)");
  run("BEGIN; UPDATE firm SET name = '乙' WHERE id = '1'; UPDATE firm SET id = '3' WHERE id = '2'; "
      "DELETE FROM firm WHERE id = '3'; SELECT pg_logical_emit_message(true, 'qianzhi', 'apply'); COMMIT");
  run("INSERT INTO note VALUES(1, repeat('x', 3000), '2024-02-29')");
  run("UPDATE note SET day = '2024-03-01'");
  run("DELETE FROM note");
  run("ALTER TABLE firm ADD COLUMN more int");
  run("UPDATE firm SET more = 1; TRUNCATE firm, note");
  PGresult* rows =
      run("SELECT encode(data, 'hex') FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, "
          "'proto_version', '1', 'publication_names', 'p', 'messages', 'true')");
  Bytes stream;
  for (int i = 0; i < PQntuples(rows); ++i) {
    const Bytes message = from_hex(PQgetvalue(rows, i, 0));
    stream.push_back(static_cast<char>(message.size() >> 8U));
    stream.push_back(static_cast<char>(message.size() & 0xFFU));
    stream += message;
  }
  const Bytes latest(
      "\0\x15"
      "B"
      "\0\0\0\0\0\0\0\1"
      "\x7f\xff\xff\xff\xff\xff\xff\xff"
      "\0\0\0\1",
      23);
  Folder(root, "pgoutput").write("latest_time", latest);
  std::cout << PQntuples(rows) << " messages of pgoutput\n";
  Folder(root, "pgoutput").write("session", stream);
  PQfinish(connection);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::filesystem::path root = argv[1];
  FixedHub hub;
  make_hub(root, hub);
  make_agent(root, hub);
  const Folder adapter(root, "adapter");
  make_requests(adapter, hub);
  make_replies(adapter);
  make_lookup(adapter);
  make_state(root, hub);
  make_http(root);
  make_pgoutput(root);
}
