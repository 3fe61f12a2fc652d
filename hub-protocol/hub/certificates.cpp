#include "hub-protocol/hub/certificates.h"

#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <set>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

namespace {

using Kind = CertificateEnd::Kind;
using State = CertificateEnd::State;

std::string common_name_of(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<X509, decltype(&X509_free)> parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                                           X509_free);
  if (parsed == nullptr) return {};
  const X509_NAME* name = X509_get_subject_name(parsed.get());
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) return {};
  std::string found(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return found;
}

std::vector<Bytes> certificates_in(const std::filesystem::path& file) {
  if (file.empty()) return {};
  try {
    return ca::certificates_of(read_file(file));
  } catch (const Error&) {
    return {};
  }
}

CertificateEnd end_of(std::string holder, Kind kind, std::string_view der) {
  const ca::Validity validity = ca::validity_of(ca::certificate_to_pem(der));
  return {std::move(holder), kind, validity.not_before, validity.not_after};
}

std::string list_certificates(Office& office, Ask& ask) {
  ask.words.finish();
  const Micros now = office.clock.now();
  std::string text;
  std::vector<std::string> rows;
  for (const CertificateEnd& end : certificate_ends(office)) {
    const std::string state(text_of(end.state(now)));
    const std::string days = std::to_string(std::max<Micros>(0, (end.ends - now) / ca::day));
    text += end.holder + "\t" + std::string(text_of(end.kind)) + "\t" + to_text(end.ends) + "\t" + days + "\t" + state +
            (end.renews ? "\t自动换发 renews itself\n" : "\n");
    rows.push_back(json_object({{"holder", end.holder},
                                {"kind", text_of(end.kind)},
                                {"state", state},
                                {"ends", to_text(end.ends)},
                                {"days", days},
                                {"renews", end.renews}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

const Verb certificate_table[] = {
    {"certificate list", "", "各证书的到期时间", "when each certificate ends", Role::anyone, list_certificates},
};

}  // namespace

State CertificateEnd::state(Micros now) const {
  const Micros left = ends - now;
  const Micros life = ends - begins;
  if (left <= 0) return State::ended;
  if (left <= life / 10) return State::urgent;
  return left <= life / (renews ? 5 : 3) ? State::ends_soon : State::valid;
}

std::optional<Error> alarm_of(const CertificateEnd& end, Micros now) {
  const State state = end.state(now);
  if (state == State::valid) return std::nullopt;
  const char* own = state == State::ended ? "QZ-HUB-237" : "QZ-HUB-236";
  return Error(ErrorKind::misuse, end.kind == Kind::agent ? "QZ-HUB-243" : own,
               end.holder + ", until " + to_text(end.ends));
}

std::string_view text_of(Kind kind) {
  static constexpr std::string_view names[] = {"hub", "authority", "agent"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view text_of(State state) {
  static constexpr std::string_view names[] = {"valid", "ends soon", "urgent", "has ended"};
  return names[static_cast<std::size_t>(state)];
}

std::vector<CertificateEnd> certificate_ends(const Office& office) {
  std::vector<CertificateEnd> all;
  const std::vector<Bytes> own = certificates_in(office.config.certificate);
  if (!own.empty()) all.push_back(end_of("hub", Kind::hub, own.front()));
  std::set<Bytes> authorities;
  for (const auto& file : {office.config.trust, office.config.ca.certificate})
    for (Bytes& certificate : certificates_in(file)) authorities.insert(std::move(certificate));
  for (const Bytes& certificate : authorities)
    all.push_back(end_of(common_name_of(certificate), Kind::authority, certificate));
  for (const auto& [agent, validity] : office.config.agent_certificates)
    if (office.config.content.agents.at(agent).enabled)
      all.push_back({agent, Kind::agent, validity.not_before, validity.not_after});
  if (office.enrolment != nullptr)
    for (const enrol::AgentStatus& agent : office.enrolment->list())
      if (agent.stage == enrol::Stage::active && agent.not_after != 0)
        all.push_back(
            {agent.id, Kind::agent, agent.not_after - office.config.ca.days * ca::day, agent.not_after, true});
  std::stable_sort(all.begin(), all.end(),
                   [](const CertificateEnd& a, const CertificateEnd& b) { return a.ends < b.ends; });
  return all;
}

std::span<const Verb> certificate_verbs() { return certificate_table; }

}  // namespace qianzhi::hub
