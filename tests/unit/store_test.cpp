#include "agent/store/store.h"

#include <catch2/catch.hpp>
#include <thread>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/support/sqlite_steps.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::store;
using seal::hmac;
using seal::Sm4Box;

namespace {

const Bytes key(32, 'k');

Digest digest(char c) { return Digest::from_bytes(Bytes(32, c)); }

KeptBatch batch(std::uint64_t sequence, Bytes octets, Micros sealed = 100) {
  return {"t",
          {{1, sequence}, digest(static_cast<char>('a' + sequence))},
          digest(static_cast<char>('`' + sequence)),
          BatchKind::change,
          2,
          sealed,
          std::move(octets)};
}

}  // namespace

TEST_CASE("Vault: what was locked opens under its own label and key only, and no octet can be changed") {
  SystemRandom random;
  const Vault vault(key, random);
  const Bytes locked = vault.lock("内容", "t/1.1");
  CHECK(vault.open(locked, "t/1.1") == "内容");
  CHECK_THROWS_WITH(vault.open(locked, "t/1.2"), Catch::StartsWith("QZ-AGT-011"));
  CHECK_THROWS_WITH(Vault(Bytes(32, 'x'), random).open(locked, "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
  for (std::size_t i = 0; i < locked.size(); ++i) {
    Bytes changed = locked;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_THROWS_AS(vault.open(changed, "t/1.1"), Error);
  }
  CHECK_THROWS_WITH(vault.open("short", "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
  CHECK_THROWS_WITH(Vault("short", random), Catch::StartsWith("QZ-AGT-010"));
  CHECK(vault.lock("内容", "t/1.1") != locked);
}

TEST_CASE("Vault: SM4-CTR with HMAC-SM3 opens under its own label and key only, and no octet can be changed") {
  SystemRandom random;
  const Vault vault(key, random, Cipher::sm4_ctr_hmac_sm3);
  for (const Bytes& plain : {Bytes(), Bytes("内容"), Bytes(100'000, 'x')}) {
    const Bytes locked = vault.lock(plain, "t/1.1");
    CHECK(locked.size() == plain.size() + 48);
    CHECK(vault.open(locked, "t/1.1") == plain);
    CHECK_THROWS_WITH(vault.open(locked, "t/1.2"), Catch::StartsWith("QZ-AGT-011"));
  }
  const Bytes locked = vault.lock("内容", "t/1.1");
  CHECK(locked.find("内容") == Bytes::npos);
  CHECK(vault.lock("内容", "t/1.1") != locked);
  for (std::size_t i = 0; i < locked.size(); ++i) {
    Bytes changed = locked;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_THROWS_WITH(vault.open(changed, "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
    CHECK_THROWS_WITH(vault.open(locked.substr(0, i), "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
  }
  // Label and text are told apart by the label's length.
  CHECK_THROWS_WITH(vault.open(locked, "t/1.1" + locked.substr(0, 1)), Catch::StartsWith("QZ-AGT-011"));
  CHECK_THROWS_WITH(Vault(Bytes(32, 'x'), random, Cipher::sm4_ctr_hmac_sm3).open(locked, "t/1.1"),
                    Catch::StartsWith("QZ-AGT-011"));
  CHECK_THROWS_WITH(Vault(key, random).open(locked, "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
  CHECK_THROWS_WITH(vault.open(Vault(key, random).lock("内容", "t/1.1"), "t/1.1"), Catch::StartsWith("QZ-AGT-011"));
}

TEST_CASE("Sm4Box: the cipher is SM4 in counter mode under the derived key, the MAC is HMAC-SM3") {
  // openssl mac -digest SM3 -macopt key:key HMAC
  CHECK(to_hex(hmac("SM3", "key", "abc")) == "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393");
  const Sm4Box box(Bytes(32, 'k'));
  const Bytes locked = box.lock(Bytes(32, '\0'), "label", Bytes(16, 'n'));
  // openssl enc -sm4-ctr of zeros with the derived key: the key stream itself.
  CHECK(to_hex(locked.substr(16, 32)) == "a3f1e067e69ceef1f332018e93b2562ffa15f99357544b375530cadcd98dc662");
}

TEST_CASE("A store made with one cipher is not opened with the other, and names are tagged with its digest") {
  const test::TempDir dir;
  SystemRandom random;
  StoreOptions options{dir / "queue.db", {}, 0, false, Cipher::sm4_ctr_hmac_sm3};
  Bytes tag;
  {
    Store store(options, key, random);
    tag = store.tagger().tag("value");
    CHECK(tag == hmac("SM3", hmac("SM3", key, "known rows"), "value").substr(0, 16));
  }
  options.cipher = Cipher::aes_256_gcm;
  CHECK_THROWS_WITH(Store(options, key, random), Catch::StartsWith("QZ-AGT-011"));
  options.cipher = Cipher::sm4_ctr_hmac_sm3;
  CHECK(Store(options, key, random).tagger().tag("value") == tag);
}

TEST_CASE("StreamState comes back from its record with every field") {
  StreamState state;
  state.source = "s";
  state.last = {{3, 7}, digest('a')};
  state.max_epoch = 4;
  state.receipted = {3, 5};
  state.secured = {3, 4};
  state.wanted = GroupSet::of({"", "440103"});
  state.refill = Refill{digest('b'), GroupSet::every(), "cursor", true};
  state.high_water = {"order", "identity"};
  state.area = GroupSet::of({"440103"});
  state.note_begin(GroupSet::every(), {3, 1});
  state.note_begin(GroupSet::of({"440103"}), {3, 6});
  state.epoch_request = EpochRequest{{{3, 9}, digest('c')}, 8, "why"};
  state.stopped_code = "QZ-AGT-031";
  state.uplink_detail = "detail";
  state.rows_sealed = 1;
  state.rows_refilled = 2;
  state.rows_withheld = 3;
  state.rows_receipted = 4;
  state.batches_sealed = 5;
  state.shown_above = 6;
  const StreamState again = decode_stream(encode(state));
  CHECK(encode(again) == encode(state));
  CHECK(again.refill == state.refill);
  CHECK(again.epoch_request == state.epoch_request);
  CHECK(again.newest_begin("440103") == Position{3, 6});
  CHECK(again.newest_begin("440104") == Position{3, 1});
  CHECK(again.wanted == state.wanted);
  CHECK_THROWS_WITH(decode_stream("\xff"), Catch::StartsWith("QZ-AGT-012"));
}

TEST_CASE("A closure that throws leaves nothing behind, others of the same commit stay") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 0, false}, key, random);
  CHECK_THROWS_WITH(store.update([](StoreTransaction& t) {
    t.put_value("a", "1");
    throw Error(ErrorKind::rejected, "QZ-AGT-071", "no");
  }),
                    Catch::StartsWith("QZ-AGT-071"));
  CHECK_FALSE(store.value("a").has_value());
  store.update([](StoreTransaction& t) { t.put_value("b", "2"); });
  CHECK(store.value("b") == "2");
}

TEST_CASE("Closures of many threads are all committed, each once") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 0, false}, key, random);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i)
        store.update([&](StoreTransaction& t) {
          const std::uint64_t count = t.value("n").value_or("").size();
          t.put_value("n", Bytes(count + 1, 'x'));
          t.put_value("k/" + std::to_string(thread) + "/" + std::to_string(i), "1");
        });
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(store.value("n")->size() == 200);
  CHECK(store.values_with_prefix("k/").size() == 200);
}

TEST_CASE("S3.5 kept batches are encrypted in the file, come back in order and are pruned up to a position") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 1000, false}, key, random);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const LockedBatch locked = store.lock(batch(i, "秘密" + std::to_string(i), static_cast<Micros>(i * 100)));
    CHECK(locked.batch.octets.find("秘密") == Bytes::npos);
    store.update([&](StoreTransaction& t) { t.append(locked); });
  }
  CHECK_FALSE(store.is_full());
  const auto after = store.batches_after("t", {1, 1}, 1'000'000);
  REQUIRE(after.size() == 3);
  CHECK(after[0].octets == "秘密2");
  CHECK(after[2].head.position == Position{1, 4});
  CHECK(store.batches_after("t", {1, 1}, 1).size() == 1);
  CHECK(store.batches_after("t", {}, 1'000'000, 300).size() == 2);
  CHECK(store.waiting_after("t", {1, 1}).rows == 6);
  CHECK(store.rows_through("t", {1, 1}, {1, 3}) == 4);
  CHECK(store.batch_following("t", digest('b'))->head.position == Position{1, 2});
  const std::uint64_t queued = store.queued_octets();
  store.update([](StoreTransaction& t) { t.prune("t", {1, 2}); });
  CHECK(store.queued_octets() == queued / 2);
  CHECK_FALSE(store.keeps("t", digest('b')));
  CHECK(store.keeps("t", digest('d')));
  store.update([](StoreTransaction& t) { t.supersede("t"); });
  CHECK(store.batches_after("t", {}, 1'000'000).empty());
}

TEST_CASE("S1.2 what is released by time of day has no gaps, whatever time the clock was set to meanwhile") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 0, false}, key, random);
  const std::vector<Micros> sealed = {100, 900, 200};
  for (std::uint64_t i = 1; i <= sealed.size(); ++i) {
    const LockedBatch locked = store.lock(batch(i, "x", sealed[i - 1]));
    store.update([&](StoreTransaction& t) { t.append(locked); });
  }
  CHECK(store.batches_after("t", {}, 1'000'000, 300).size() == 1);
  CHECK(store.batches_after("t", {1, 1}, 1'000'000, 300).empty());
  CHECK(store.batches_after("t", {}, 1'000'000, 1000).size() == 3);
}

TEST_CASE("A full queue says so and has room again after pruning") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 500, false}, key, random);
  store.update([&, locked = store.lock(batch(1, Bytes(600, 'x')))](StoreTransaction& t) { t.append(locked); });
  CHECK(store.is_full());
  store.update([](StoreTransaction& t) { t.prune("t", {1, 1}); });
  CHECK_FALSE(store.is_full());
}

TEST_CASE("A store opened with another key is refused") {
  const test::TempDir files;
  SystemRandom random;
  { const Store store({files / "queue.db", {}, 0, false}, key, random); }
  CHECK_THROWS_WITH(Store({files / "queue.db", {}, 0, false}, Bytes(32, 'x'), random), Catch::StartsWith("QZ-AGT-011"));
}

TEST_CASE("Quarantine keeps one entry a key, counts tries and never the row in clear") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 0, false}, key, random);
  QuarantineEntry entry;
  entry.topic = "t";
  entry.key = "1";
  entry.code = "QZ-MAP-013";
  entry.row = "张三";
  for (int i = 0; i < 2; ++i) store.update([&](StoreTransaction& t) { store.set_aside(t, entry); });
  const auto entries = store.quarantine(true);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].tries == 1);
  CHECK(entries[0].row == "张三");
  CHECK(store.quarantine(false)[0].row.empty());
  CHECK(store.quarantined("t") == 1);
  store.update([](StoreTransaction& t) { t.release_key(QuarantineSide::capture, "t", "", "1"); });
  CHECK(store.quarantined("t") == 0);
}

TEST_CASE("A read-only store beside the running agent changes nothing") {
  const test::TempDir files;
  SystemRandom random;
  Store store({files / "queue.db", {}, 0, false}, key, random);
  store.update([](StoreTransaction& t) { t.put_value("a", "1"); });
  const Store reader({files / "queue.db", {}, 0, true}, key, random);
  CHECK(reader.value("a") == "1");
}

namespace {

// What reading one inquiry's answers takes, what looking for requests that end takes, and what ending none takes, in
// steps of SQLite, where so many inquiries lie about: half of them open, half answered, and as many of others, half of
// them told after their deadline.
struct RequestSteps {
  std::int64_t answers = 0;
  std::int64_t ends = 0;
  std::int64_t ending = 0;
};

std::string request_id(int n) { return Bytes(12, 'i') + std::to_string(1000 + n); }

void keep_requests(StoreTransaction& transaction, int inquiries) {
  for (int n = 0; n < inquiries; ++n)
    for (const char* peer : {"quality", "tax", "asks"}) {
      KeptRequest request;
      request.id = request_id(n);
      request.peer = peer;
      request.inquiry = request_id(n);
      request.made = n;
      request.is_ours = request.peer != "asks";
      const bool is_open = n % 2 == 0;
      request.deadline = is_open ? 1'000'000 : 50;
      if (request.is_ours) {
        request.state = is_open ? RequestState::sent : RequestState::answered;
      } else {
        request.state = is_open ? RequestState::to_answer : RequestState::answer_sent;
        if (is_open) request.ask = "asked";
      }
      transaction.put_request(request);
    }
}

RequestSteps request_steps(int inquiries) {
  const test::SqliteSteps steps;
  const test::TempDir folder;
  SystemRandom random;
  Store store({folder / "queue.db", {}}, key, random);
  store.update([&](StoreTransaction& transaction) { keep_requests(transaction, inquiries); });
  const std::int64_t before = steps.taken();
  const std::vector<KeptRequest> found = store.requests_of(request_id(inquiries / 2), true);
  REQUIRE(found.size() == 2);
  CHECK(found[0].peer == "quality");
  CHECK(found[1].peer == "tax");
  const std::int64_t read = steps.taken();
  CHECK_FALSE(store.has_expired_requests(100, 5));
  const std::int64_t looked = steps.taken();
  store.update([](StoreTransaction& transaction) { CHECK(transaction.expire_requests(100, 5) == 0); });
  return {read - before, looked - read, steps.taken() - looked};
}

}  // namespace

TEST_CASE("S1.9 the answers of one inquiry and what ends are found at once, however many others wait or are over") {
  const RequestSteps few = request_steps(20);
  const RequestSteps many = request_steps(2000);
  REQUIRE(few.answers > 10);
  CHECK(many.answers < 2 * few.answers);
  CHECK(many.ends < 2 * few.ends + 20);
  CHECK(many.ending < 2 * few.ending + 20);
}
