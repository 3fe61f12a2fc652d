// The hub's box for parcels on a real file: nothing is lost, doubled or given to others, whatever ends the process.
#include "hub-protocol/hub/parcel_box.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "hub-protocol/sqlite/database.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using hub::ParcelBox;
using hub::ParcelBoxLimits;
using hub::PutOutcome;

namespace {

constexpr Micros begin = 1'763'766'000'000'000;
constexpr Micros box_minute = 60'000'000;

seal::ParcelHead head_of(int number, const std::string& from = "housing-01", const std::string& to = "tax-01") {
  seal::ParcelHead head;
  head.id = Bytes(12, 'i') + Bytes{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF), 'x', 'y'};
  head.from = from;
  head.to = to;
  head.service = "tax.yearly_total";
  head.made = begin;
  head.deadline = begin + box_minute;
  head.questions = 3;
  head.digest.octets.fill(static_cast<std::uint8_t>(number));
  head.digest.octets[0] = static_cast<std::uint8_t>(number >> 8);
  head.digest.octets[1] = static_cast<std::uint8_t>(from.front());
  return head;
}

struct Box {
  explicit Box(const ParcelBoxLimits& the_limits = {}) : limits(the_limits) { open(); }
  void open() {
    box.reset();
    box.emplace(dir / "parcels.db", limits);
  }
  PutOutcome put(const seal::ParcelHead& head, std::size_t size = 100, Micros now = begin) {
    return box->put(Bytes(size, 'o'), head, now);
  }
  std::vector<Digest> names_for(const std::string& agent, std::uint64_t octets = 1U << 30U, std::uint64_t after = 0) {
    std::vector<Digest> names;
    for (const hub::WaitingParcel& parcel : box->waiting_for(agent, octets, after, begin))
      names.push_back(parcel.digest);
    return names;
  }
  // The sums that limits are judged by are those of the parcels.
  void check_sums() {
    const hub::ParcelBoxTotals totals = box->totals();
    const sqlite::OpenOptions options{sqlite::Access::read_only, true, {}, 5000};
    sqlite::Database database(dir / "parcels.db", options);
    CHECK(totals.remembered == static_cast<std::uint64_t>(*database.scalar("SELECT count(*) FROM parcel")));
    CHECK(totals.waiting == static_cast<std::uint64_t>(*database.scalar("SELECT count(octets) FROM parcel")));
    CHECK(totals.waiting_octets ==
          static_cast<std::uint64_t>(*database.scalar("SELECT coalesce(sum(length(octets)), 0) FROM parcel")));
  }

  test::TempDir dir;
  ParcelBoxLimits limits;
  std::optional<ParcelBox> box;
};

using Names = std::vector<Digest>;

}  // namespace

TEST_CASE("A parcel waits for its reader alone, in order, until he has it, and is remembered until its deadline") {
  Box box;
  const seal::ParcelHead first = head_of(1), second = head_of(2), other = head_of(3, "housing-01", "quality-01");
  for (const seal::ParcelHead* head : {&first, &second, &other}) CHECK(box.put(*head) == PutOutcome::kept);
  CHECK(box.names_for("tax-01") == Names{first.digest, second.digest});
  CHECK(box.names_for("quality-01") == Names{other.digest});
  CHECK(box.names_for("housing-01").empty());
  CHECK(box.box->waits_for("tax-01", begin));
  CHECK_FALSE(box.box->waits_for("housing-01", begin));
  // Nobody takes what is another's.
  CHECK(box.box->taken("quality-01", Names{first.digest}).empty());
  const auto gone = box.box->taken("tax-01", Names{first.digest, first.digest, head_of(9).digest});
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].from == "housing-01");
  CHECK(gone[0].questions == 3);
  CHECK(box.names_for("tax-01") == Names{second.digest});
  const auto remembered = box.box->find(first.digest);
  REQUIRE(remembered);
  CHECK(remembered->taken);
  CHECK(remembered->service == "tax.yearly_total");
  CHECK(box.put(first) == PutOutcome::repeated);
  CHECK(box.names_for("tax-01") == Names{second.digest});
  box.check_sums();
  const auto unread = box.box->expire(begin + box_minute);
  CHECK(unread.size() == 2);
  CHECK_FALSE(box.box->find(first.digest));
  CHECK(box.box->totals().remembered == 0);
  box.check_sums();
}

TEST_CASE("The same parcel again changes nothing, another one of the same sender and id is a contradiction") {
  Box box;
  const seal::ParcelHead ask = head_of(1);
  CHECK(box.put(ask) == PutOutcome::kept);
  CHECK(box.put(ask) == PutOutcome::repeated);
  CHECK(box.names_for("tax-01").size() == 1);
  seal::ParcelHead another = ask;
  another.digest.octets[5] ^= 1;
  CHECK(box.put(another) == PutOutcome::contradiction);
  CHECK(hub::code_of(PutOutcome::contradiction) == "QZ-SEAL-110");
  // An answer bears the request's id: it is another sender's. A refusal after it is a second word.
  seal::ParcelHead answer = head_of(2, "tax-01", "housing-01");
  answer.id = ask.id;
  answer.kind = seal::ParcelKind::answer;
  CHECK(box.put(answer) == PutOutcome::kept);
  seal::ParcelHead refusal = answer;
  refusal.kind = seal::ParcelKind::refusal;
  refusal.digest.octets[5] ^= 1;
  CHECK(box.put(refusal) == PutOutcome::contradiction);
  CHECK(box.box->find(answer.digest)->kind == seal::ParcelKind::answer);
  box.check_sums();
}

TEST_CASE("What is late is refused, and what became late is neither given out nor in the way") {
  Box box;
  CHECK(box.put(head_of(1), 100, begin + box_minute) == PutOutcome::late);
  CHECK(box.put(head_of(1), 100, begin + box_minute - 1) == PutOutcome::kept);
  CHECK(box.box->waiting_for("tax-01", 1000, 0, begin + box_minute).empty());
  CHECK_FALSE(box.box->waits_for("tax-01", begin + box_minute));
  CHECK(box.put(head_of(1), 100, begin + box_minute) == PutOutcome::repeated);
  CHECK(box.box->expire(begin + box_minute - 1).empty());
  CHECK(box.box->expire(begin + box_minute).size() == 1);
  CHECK(box.put(head_of(1), 100, begin + box_minute) == PutOutcome::late);
}

TEST_CASE("A reader who takes nothing fills his own pair, a sender his own share, and nobody the whole box") {
  Box box({1000, 1500, 2000, 100});
  CHECK(box.put(head_of(1), 900) == PutOutcome::kept);
  CHECK(box.put(head_of(2), 101) == PutOutcome::sender_full);
  CHECK(box.put(head_of(2), 100) == PutOutcome::kept);
  CHECK(box.put(head_of(3, "housing-01", "quality-01"), 501) == PutOutcome::sender_full);
  CHECK(box.put(head_of(3, "housing-01", "quality-01"), 500) == PutOutcome::kept);
  CHECK(box.put(head_of(4, "police-01"), 501) == PutOutcome::box_full);
  CHECK(box.put(head_of(4, "police-01"), 500) == PutOutcome::kept);
  CHECK(hub::code_of(PutOutcome::sender_full) == "QZ-SEAL-112");
  CHECK(hub::code_of(PutOutcome::box_full) == "QZ-SEAL-113");
  box.check_sums();
  // Room comes back when something is taken.
  CHECK(box.box->taken("tax-01", Names{head_of(1).digest}).size() == 1);
  CHECK(box.put(head_of(5), 900) == PutOutcome::kept);
  box.check_sums();
}

TEST_CASE("Ids that must be remembered are bounded as well") {
  Box box({1000, 1000, 1000, 2});
  CHECK(box.put(head_of(1), 1) == PutOutcome::kept);
  CHECK(box.put(head_of(2), 1) == PutOutcome::kept);
  CHECK(box.box->taken("tax-01", Names{head_of(1).digest, head_of(2).digest}).size() == 2);
  CHECK(box.put(head_of(3), 1) == PutOutcome::sender_full);
  CHECK(box.put(head_of(3, "police-01"), 1) == PutOutcome::kept);
  CHECK(box.put(head_of(1), 1) == PutOutcome::repeated);
  box.box->expire(begin + box_minute);
  seal::ParcelHead later = head_of(3);
  later.deadline += box_minute;
  CHECK(box.put(later, 1, begin + box_minute) == PutOutcome::kept);
}

TEST_CASE("What waits is given in portions: one always, more as far as they fit, and then what is behind them") {
  Box box;
  for (int i = 1; i <= 5; ++i) box.put(head_of(i), 100);
  CHECK(box.names_for("tax-01", 1).size() == 1);
  CHECK(box.names_for("tax-01", 299).size() == 2);
  CHECK(box.names_for("tax-01", 300).size() == 3);
  const auto portion = box.box->waiting_for("tax-01", 200, 0, begin);
  CHECK(portion.back().octets == Bytes(100, 'o'));
  CHECK(box.names_for("tax-01", 1000, portion.back().place) ==
        Names{head_of(3).digest, head_of(4).digest, head_of(5).digest});
}

TEST_CASE("S2.8 thousands of parcels are put in one call, expire in portions, and leave nothing behind") {
  Box box;
  std::vector<seal::ParcelHead> heads;
  for (int i = 0; i < 5000; ++i) heads.push_back(head_of(i));
  const Bytes octets(50, 'o');
  std::vector<hub::OfferedParcel> offers;
  for (const seal::ParcelHead& head : heads) offers.push_back({head, octets});
  const auto outcomes = box.box->put(offers, begin);
  CHECK(std::count(outcomes.begin(), outcomes.end(), PutOutcome::kept) == 5000);
  CHECK(box.box->totals().waiting == 5000);
  CHECK(box.box->expire(begin + box_minute).size() == 5000);
  CHECK(box.box->totals().remembered == 0);
  box.check_sums();
}

TEST_CASE("What was kept or taken is so after the file is opened again, and places are never used twice") {
  Box box;
  box.put(head_of(1));
  box.put(head_of(2));
  const std::uint64_t last = box.box->waiting_for("tax-01", 1000, 0, begin).back().place;
  box.box->taken("tax-01", Names{head_of(2).digest});
  box.box->expire(begin);
  box.open();
  CHECK(box.names_for("tax-01") == Names{head_of(1).digest});
  CHECK(box.put(head_of(2)) == PutOutcome::repeated);
  box.box->expire(begin + box_minute);
  box.open();
  seal::ParcelHead next = head_of(3);
  next.deadline += box_minute;
  box.put(next, 10, begin + box_minute);
  CHECK(box.box->waiting_for("tax-01", 1000, 0, begin + box_minute).front().place > last);
}

TEST_CASE("P36 a hub killed at any moment keeps every parcel that it said it has") {
  Box box;
  box.box.reset();
  int said[2];
  REQUIRE(::pipe(said) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(said[0]);
    ParcelBox own(box.dir / "parcels.db");
    for (int i = 0; i < 500; ++i) {
      if (own.put(Bytes(100, 'o'), head_of(i), begin) != PutOutcome::kept) ::_exit(1);
      const char octet = '.';
      if (::write(said[1], &octet, 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(said[1]);
  int kept = 0;
  for (char octet = 0; kept < 40 && ::read(said[0], &octet, 1) == 1;) ++kept;
  ::kill(child, SIGKILL);
  for (char octet = 0; ::read(said[0], &octet, 1) == 1;) ++kept;
  ::close(said[0]);
  ::waitpid(child, nullptr, 0);
  box.open();
  const Names names = box.names_for("tax-01");
  CHECK(names.size() >= static_cast<std::size_t>(kept));
  CHECK(names.size() <= static_cast<std::size_t>(kept) + 1);
  box.check_sums();
}

TEST_CASE("A file of another program is not taken for the box") {
  test::TempDir dir;
  sqlite::Database(dir / "parcels.db", {}).execute("CREATE TABLE other(x)");
  test::check_throws("QZ-HUB-029", [&] { ParcelBox box(dir / "parcels.db"); });
}
