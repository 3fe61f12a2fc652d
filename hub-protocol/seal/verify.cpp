#include "hub-protocol/seal/verify.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include "hub-protocol/base/error.h"
#include "hub-protocol/model/key_trail.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::seal {

namespace {

namespace fs = std::filesystem;

struct Link {
  Head head;
  Digest previous;
  std::string file;
  std::set<std::string> keys;
  std::string revoked;  // what is to be said of it unless a later batch vouches for this one
};

// Worst first.
constexpr std::array by_weight = {Verdict::tampered,        Verdict::malformed,  Verdict::untrusted,
                                  Verdict::could_not_check, Verdict::incomplete, Verdict::good};

std::size_t weight(Verdict verdict) {
  return static_cast<std::size_t>(std::find(by_weight.begin(), by_weight.end(), verdict) - by_weight.begin());
}

class Verifier {
 public:
  explicit Verifier(const Directory& trust) : trust_(trust) {}

  void check_file(const fs::path& file);
  void check_chains();
  void add(Verdict verdict, const std::string& file, std::string_view code, std::string detail);
  VerifyReport take() { return std::move(report_); }

 private:
  // Returns what Link::revoked holds.
  std::string check_signature(const Parsed& parsed, const std::string& file);
  void check_contents(const Parsed& parsed, const std::string& file);
  void check_chain(const StreamId& stream, std::vector<Link>& links);
  void check_keys(const StreamId& stream, const std::vector<Link>& links);
  void check_link(const StreamId& stream, const Link& before, const Link& link, bool known_previous);
  // Our own trouble is no statement about the file.
  void add(Verdict verdict, const std::string& file, const Error& error) {
    add(error.kind() == ErrorKind::unavailable ? Verdict::could_not_check : verdict, file, error.code(),
        error.detail());
  }

  const Directory& trust_;
  const Limits limits_;
  VerifyReport report_;
  std::map<StreamId, std::vector<Link>> chains_;
};

// Nothing if the file cannot be read. At most one octet more than a batch may have.
std::optional<Bytes> read_file(const fs::path& file, std::size_t most) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed)) return std::nullopt;
  const std::uintmax_t size = fs::file_size(file, failed);
  std::ifstream stream(file, std::ios::binary);
  if (failed || !stream) return std::nullopt;
  Bytes octets(std::min<std::uintmax_t>(size, most + 1), '\0');
  if (!stream.read(octets.data(), static_cast<std::streamsize>(octets.size()))) return std::nullopt;
  return octets;
}

void Verifier::add(Verdict verdict, const std::string& file, std::string_view code, std::string detail) {
  report_.add({verdict, file, std::string(code), std::move(detail)});
}

void Verifier::check_file(const fs::path& path) {
  const std::string file = path.string();
  const std::optional<Bytes> octets = read_file(path, limits_.batch_octets);
  if (!octets) return add(Verdict::could_not_check, file, "QZ-SEAL-056", "the file cannot be read");
  std::optional<Parsed> parsed;
  try {
    parsed = Parsed::from(*octets, limits_);
  } catch (const Error& error) {
    return add(Verdict::malformed, file, error);
  }
  ++report_.batches;
  std::string revoked = check_signature(*parsed, file);
  check_contents(*parsed, file);
  const Header& header = parsed->header();
  chains_[header.stream].push_back({parsed->head(), header.previous, file, header.keys(), std::move(revoked)});
}

// The archive of an agent that no longer takes part still verifies, so `enabled` does not matter here.
std::string Verifier::check_signature(const Parsed& parsed, const std::string& file) {
  const Header& header = parsed.header();
  const AgentEntry* agent = trust_.agent(header.stream.agent);
  if (agent == nullptr) {
    add(Verdict::untrusted, file, "QZ-SEAL-051", "no agent '" + header.stream.agent + "'");
    return {};
  }
  const SignatureJudgement judgement = parsed.judge_signatures(agent->signing_keys);
  const std::string who = "agent '" + agent->id + "': ";
  if (!judgement.unknown.empty()) add(Verdict::untrusted, file, "QZ-SEAL-051", who + judgement.unknown);
  if (!judgement.broken.empty()) add(Verdict::tampered, file, "QZ-SEAL-050", who + judgement.broken);
  return judgement.revoked.empty() ? std::string() : who + judgement.revoked;
}

void Verifier::check_contents(const Parsed& parsed, const std::string& file) {
  try {
    parsed.check_contents();
  } catch (const Error& error) {
    return add(Verdict::tampered, file, error);
  }
  try {
    report_.rows += parsed.open().rows();
    parsed.source_position();
    const Header& header = parsed.header();
    report_.counted.push_back(
        {header.stream, header.position, header.previous.is_zero(), header.is_refill(), parsed.count_rows()});
  } catch (const Error& error) {
    add(Verdict::malformed, file, error);
  }
  if (!parsed.is_complete())
    add(Verdict::incomplete, file, "QZ-SEAL-055", "not everything that the header names is in the file");
}

void Verifier::check_chains() {
  for (auto& [stream, links] : chains_) check_chain(stream, links);
}

void Verifier::check_chain(const StreamId& stream, std::vector<Link>& links) {
  std::stable_sort(links.begin(), links.end(),
                   [](const Link& a, const Link& b) { return a.head.position < b.head.position; });
  check_keys(stream, links);
  std::set<Digest> earlier;
  const Link* before = nullptr;
  for (const Link& link : links) {
    if (before != nullptr) check_link(stream, *before, link, earlier.count(link.previous) != 0);
    before = &link;
    earlier.insert(link.head.digest);
  }
}

// Key validity is judged at the place in the stream: a key that made way for a new one does not come back, and who
// chained on to a batch after its key was revoked vouches for it.
void Verifier::check_keys(const StreamId& stream, const std::vector<Link>& links) {
  KeyTrail trail;
  std::set<Digest> vouched;
  for (auto link = links.rbegin(); link != links.rend(); ++link)
    if (link->revoked.empty() || vouched.count(link->head.digest) != 0) vouched.insert(link->previous);
  for (const Link& link : links) {
    const std::string ended = trail.ended_among(link.keys);
    if (!ended.empty())
      add(Verdict::untrusted, link.file, "QZ-SEAL-058",
          to_text(stream) + " " + to_text(link.head.position) + ": key " + ended);
    else
      trail.add(link.keys);
    if (!link.revoked.empty() && vouched.count(link.head.digest) == 0)
      add(Verdict::untrusted, link.file, "QZ-SEAL-052", link.revoked);
  }
}

void Verifier::check_link(const StreamId& stream, const Link& before, const Link& link, bool known_previous) {
  const std::string place = to_text(stream) + " " + to_text(link.head.position);
  const Position was = before.head.position;
  const Position is = link.head.position;
  if (is == was) {
    if (link.head.digest != before.head.digest)
      add(Verdict::tampered, link.file, "QZ-SEAL-054", place + ": another batch at this position is in " + before.file);
    return;
  }
  if (link.previous == before.head.digest) {
    const bool numbered = is.epoch == was.epoch ? is.sequence == was.sequence + 1 : is.sequence == 1;
    if (!numbered) add(Verdict::tampered, link.file, "QZ-SEAL-054", place + ": linked, but not the next number");
    return;
  }
  const bool next = is.epoch == was.epoch && is.sequence == was.sequence + 1;
  if (next || known_previous)
    add(Verdict::tampered, link.file, "QZ-SEAL-054", place + ": names another batch than the one in " + before.file);
  else
    add(Verdict::incomplete, link.file, "QZ-SEAL-053", place + ": batches after " + to_text(was) + " are missing");
}

}  // namespace

void VerifyReport::add(Finding finding) {
  if (weight(finding.verdict) < weight(verdict)) verdict = finding.verdict;
  findings.push_back(std::move(finding));
}

VerifyReport verify_files(const fs::path& path, const Directory& trust) {
  Verifier verifier(trust);
  std::error_code failed;
  if (!fs::is_directory(path, failed)) {
    verifier.check_file(path);
    verifier.check_chains();
    return verifier.take();
  }
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(path, failed), end; !failed && entry != end; entry.increment(failed))
    if (entry->path().extension() == ".qzb") files.push_back(entry->path());
  if (failed) verifier.add(Verdict::could_not_check, path.string(), "QZ-SEAL-056", "the directory cannot be read");
  if (files.empty()) verifier.add(Verdict::could_not_check, path.string(), "QZ-SEAL-057", "no *.qzb file");
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) verifier.check_file(file);
  verifier.check_chains();
  return verifier.take();
}

}  // namespace qianzhi::seal
