// A hub over TLS and by files, a provider whose every value is a text of its own, and receivers that ask for
// everything.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cut_world.h"
#include "hub_support.h"
#include "recorder.h"

namespace qianzhi::test {

inline const std::vector<std::string> all_items = {"number", "name", "capital", "phone", "area"};
inline const std::vector<Group> all_groups = {"", "440103", "440104", "440105"};
inline constexpr const char* order_text = "ORDER-AT-THE-SOURCE";
inline constexpr const char* identity_text = "IDENTITY-AT-THE-SOURCE";
inline constexpr const char* letter_to_tax = "LETTER-FOR-TAX-1";
inline constexpr const char* letter_to_quality = "LETTER-QUALITY-1";

// What each value of this item, group and edition begins with.
std::string marker(const std::string& topic, const std::string& item, const Group& group, int edition);

// Of the first topic to the tax department.
Grant grant_of(std::set<std::string> items, GroupSet groups, Micros not_after = 0);

// Two topics of one provider, filled; a receiver of everything (quality) and one that a test restricts (tax).
class ReductionWorld {
 public:
  ReductionWorld();
  ~ReductionWorld();
  ReductionWorld(const ReductionWorld&) = delete;
  ReductionWorld& operator=(const ReductionWorld&) = delete;

  // The tax department's grants from now on; quality has everything.
  void grant(const std::vector<Grant>& grants);
  // Sealed and accepted; three rows a group. Long texts are compressed, short ones are not.
  void seal_one(const std::string& topic, BatchKind kind, const std::vector<Group>& groups);
  std::unique_ptr<Recorder> recorder(const std::string& agent) const;
  const std::filesystem::path& ca_certificate() const { return ca_.certificate(); }
  // The provider writes to both receivers.
  void write_letters();

  HubWorld hub;
  std::vector<seal::Sealed> sealed;  // as the provider made them
  int edition = 0;                   // of the newest batch that has rows

 private:
  seal::BatchContent content_of(const std::string& topic, const std::vector<Group>& groups);

  TestCa ca_;
  hub::ServerOptions server_options_;
  std::unique_ptr<hub::HubServer> server_;
  std::map<std::string, std::pair<Head, Digest>> streams_;  // head, newest begin
};

Head head_of(const std::string& octets);
wire::FetchRequest request_after(const std::string& topic, const Head& mark, bool headers_only = false);
// Everything that an agent can ask of the hub, and some that it must not.
void ask_everything(HubLink& link, ReductionWorld& world, const std::string& agent);

}  // namespace qianzhi::test
