// Signing in: passwords, one-time codes, locks, sessions.
#include <catch2/catch.hpp>

#include "hub-protocol/accounts/entry.h"
#include "hub-protocol/accounts/totp.h"
#include "hub_accounts_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using accounts::Entry;
using accounts::Role;
using accounts::Visitor;
using test::OfficeWorld;

namespace {

constexpr char good[] = "Correct-Horse-7";
constexpr char here[] = "192.0.2.7";
constexpr Micros minute = 60'000'000;

struct EntryWorld : OfficeWorld {
  EntryWorld() { add("wang", Role::security, good); }
  static accounts::EntryOptions with(const std::filesystem::path& key_file) {
    accounts::EntryOptions options;
    options.key_file = key_file;
    options.cost = test::cheap_cost;
    return options;
  }
  // With a second factor set up; returns its secret.
  Bytes complete() {
    const Visitor visitor = *entry.visitor(entry.sign_in("wang", good, "", here));
    const Bytes secret = entry.begin_second_factor(visitor);
    entry.finish_second_factor(visitor, code(secret));
    hub.clock.advance(minute);
    return secret;
  }
  std::string code(const Bytes& secret) const {
    return accounts::totp_code(secret, accounts::totp_step_at(hub.clock.now()));
  }

  Entry entry{with(hub.dir / "registry.key"), registry, hub.clock, hub.random};
};

}  // namespace

TEST_CASE("one-time codes are those of RFC 6238, and base32 that of RFC 4648") {
  const std::string secret = "12345678901234567890";
  const std::vector<std::pair<std::uint64_t, std::string>> published = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : published)
    CHECK(accounts::totp_code(secret, accounts::totp_step_at(static_cast<Micros>(seconds) * 1'000'000), 8) == code);
  CHECK(accounts::base32("foobar") == "MZXW6YTBOI");
  CHECK(accounts::base32("fooba") == "MZXW6YTB");
  CHECK(accounts::otpauth_uri("foobar", "wang", "前置") ==
        "otpauth://totp/%E5%89%8D%E7%BD%AE:wang?secret=MZXW6YTBOI&issuer=%E5%89%8D%E7%BD%AE"
        "&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("a code counts one step around now, and once") {
  const std::string secret = "12345678901234567890";
  const Micros now = Micros{1'700'000'010} * 1'000'000;
  const std::uint64_t step = accounts::totp_step_at(now);
  for (const std::uint64_t near : {step - 1, step, step + 1})
    CHECK(accounts::accepted_step(secret, accounts::totp_code(secret, near), now, 0) == near);
  for (const std::uint64_t far : {step - 2, step + 2})
    CHECK_FALSE(accounts::accepted_step(secret, accounts::totp_code(secret, far), now, 0).has_value());
  CHECK_FALSE(accounts::accepted_step(secret, accounts::totp_code(secret, step), now, step).has_value());
  CHECK_FALSE(accounts::accepted_step(secret, "", now, 0).has_value());
}

TEST_CASE("passwords are kept as scrypt of RFC 7914 makes them, and bad ones are refused") {
  const accounts::PasswordHash published{
      "NaCl", from_hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"), {10, 8, 16}};
  CHECK(accounts::is_password("password", published));
  CHECK_FALSE(accounts::is_password("Password", published));
  CHECK_FALSE(accounts::is_password("", accounts::PasswordHash{}, test::cheap_cost));
  SystemRandom random;
  const accounts::PasswordHash made = accounts::hash_password(good, test::cheap_cost, random);
  CHECK(accounts::is_password(good, made));
  CHECK(made.salt != accounts::hash_password(good, test::cheap_cost, random).salt);
  accounts::require_good(good, "wang");
  accounts::require_good(accounts::initial_password(random), "wang");
  for (const char* bad : {"Short-7", "all-lower-case-letters", "Wang-is-my-name-7", "Tab\tin-the-middle-7"})
    test::check_throws("QZ-HUB-276", [&] { accounts::require_good(bad, "wang"); });
}

TEST_CASE("A25 the first sign-in ends with an own password and a second factor, which is then required") {
  EntryWorld world;
  const Visitor first = *world.entry.visitor(world.entry.sign_in("wang", good, "", here));
  CHECK_FALSE(first.is_complete);
  test::check_throws("QZ-HUB-286", [&] { world.entry.finish_second_factor(first, "123456"); });
  const Bytes secret = world.entry.begin_second_factor(first);
  CHECK(world.entry.begin_second_factor(first) == secret);
  test::check_throws("QZ-HUB-286", [&] { world.entry.finish_second_factor(first, "12345"); });
  world.entry.finish_second_factor(first, world.code(secret));
  CHECK(world.entry.visitor(first.token)->is_complete);
  CHECK(world.account("wang").totp_secret.find(secret) == Bytes::npos);
  test::check_throws("QZ-HUB-286", [&] { world.entry.begin_second_factor(*world.entry.visitor(first.token)); });

  test::check_throws("QZ-HUB-281", [&] { world.entry.sign_in("wang", good, "", here); });
  test::check_throws("QZ-HUB-281", [&] { world.entry.sign_in("wang", good, world.code(secret), here); });  // spent
  world.hub.clock.advance(minute);
  const std::string code = world.code(secret);
  CHECK_FALSE(world.entry.sign_in("wang", good, code, here).empty());
  test::check_throws("QZ-HUB-281", [&] { world.entry.sign_in("wang", good, code, here); });
}

TEST_CASE("A25 a second factor opens with its own key and label only") {
  EntryWorld world;
  const accounts::SecretBox box(world.hub.dir / "registry.key", world.hub.random);
  const Bytes sealed = box.seal("secret", "wang");
  CHECK(box.open(sealed, "wang") == "secret");
  test::check_throws("QZ-HUB-290", [&] { box.open(sealed, "li"); });
  test::check_throws("QZ-HUB-290",
                     [&] { accounts::SecretBox(world.hub.dir / "other.key", world.hub.random).open(sealed, "wang"); });
  const std::filesystem::path key = world.hub.dir / "registry.key";
  CHECK(std::filesystem::status(key).permissions() == std::filesystem::perms(0600));
  std::filesystem::permissions(key, std::filesystem::perms(0640));
  test::check_throws("QZ-HUB-290", [&] { accounts::SecretBox(key, world.hub.random); });
}

TEST_CASE("A25 failures lock longer and longer, the same for a name that nobody has, also after a restart") {
  EntryWorld world;
  const auto fail = [&](const std::string& name, const char* code) {
    test::check_throws(code, [&] { world.entry.sign_in(name, "Wrong-Horse-7", "", here); });
  };
  for (const char* name : {"wang", "nobody"}) {
    for (int i = 0; i < 5; ++i) fail(name, "QZ-HUB-281");
    fail(name, "QZ-HUB-282");
  }
  test::check_throws("QZ-HUB-282", [&] { world.entry.sign_in("wang", good, "", here); });
  Entry restarted(EntryWorld::with(world.hub.dir / "registry.key"), world.registry, world.hub.clock, world.hub.random);
  test::check_throws("QZ-HUB-282", [&] { restarted.sign_in("wang", good, "", here); });
  world.hub.clock.advance(minute + 1);
  for (const char* name : {"wang", "nobody"}) fail(name, "QZ-HUB-281");
  world.hub.clock.advance(minute + 1);
  for (const char* name : {"wang", "nobody"}) fail(name, "QZ-HUB-282");
  world.hub.clock.advance(minute);
  CHECK_FALSE(world.entry.sign_in("wang", good, "", here).empty());
  CHECK(world.audited("account.lock", here, "QZ-HUB-282") == 2);
}

TEST_CASE("A25 one address that tries many names is locked, too") {
  EntryWorld world;
  for (int i = 0; i < 20; ++i)
    test::check_throws("QZ-HUB-281", [&] { world.entry.sign_in("n" + std::to_string(i), "x", "", here); });
  test::check_throws("QZ-HUB-282", [&] { world.entry.sign_in("wang", good, "", here); });
  CHECK_FALSE(world.entry.sign_in("wang", good, "", "192.0.2.8").empty());
}

TEST_CASE("A25 a session ends by time, signing out, and every change of its account") {
  EntryWorld world;
  world.complete();
  const auto enter = [&] {
    world.hub.clock.advance(minute);
    // The factor is withdrawn for the test's convenience; the password alone opens an incomplete session.
    world.registry.change({}, [&](registry::Change& change) {
      accounts::Account account = *accounts::find(change, "wang");
      account.totp_secret.clear();
      accounts::put(change, account);
      change.note({{}, "test.change", "wang", ""});
    });
    return world.entry.sign_in("wang", good, "", here);
  };
  std::string token = enter();
  world.hub.clock.advance(14 * minute);
  CHECK(world.entry.visitor(token).has_value());
  world.hub.clock.advance(15 * minute);
  CHECK_FALSE(world.entry.visitor(token).has_value());
  token = enter();
  for (int i = 0; i < 47; ++i) {
    world.hub.clock.advance(10 * minute);
    CHECK(world.entry.visitor(token).has_value());
  }
  world.hub.clock.advance(10 * minute);
  CHECK_FALSE(world.entry.visitor(token).has_value());
  token = enter();
  world.entry.sign_out(*world.entry.visitor(token));
  CHECK_FALSE(world.entry.visitor(token).has_value());
  CHECK_FALSE(world.entry.visitor("").has_value());

  const std::string other = enter();
  token = enter();
  test::check_throws("QZ-HUB-281", [&] {
    world.entry.change_password(*world.entry.visitor(token), "Wrong-Horse-7", "Another-Horse-8", here);
  });
  test::check_throws("QZ-HUB-276", [&] { world.entry.change_password(*world.entry.visitor(token), good, good, here); });
  world.entry.change_password(*world.entry.visitor(token), good, "Another-Horse-8", here);
  CHECK(world.entry.visitor(token).has_value());
  CHECK_FALSE(world.entry.visitor(other).has_value());

  world.add("chen", Role::security);
  world.by("chen", {"account", "disable", "wang"});
  CHECK_FALSE(world.entry.visitor(token).has_value());
  test::check_throws("QZ-HUB-281", [&] { world.entry.sign_in("wang", "Another-Horse-8", "", here); });
}
