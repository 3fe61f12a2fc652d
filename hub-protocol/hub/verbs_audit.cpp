// The audit trail: who looks at it is entered in it.
#include <algorithm>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/hub/evidence.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

constexpr std::uint64_t usual_limit = 1'000;
constexpr std::uint64_t most_lines = 1'000'000;

Day date_of(const std::string& text) {
  const auto day = day_from(text);
  if (!day) throw Error(ErrorKind::misuse, "QZ-HUB-242", text);
  return *day;
}

std::uint64_t number_of(Words& words, std::string_view option, std::uint64_t otherwise) {
  const auto text = words.option(option);
  if (!text) return otherwise;
  const auto number = yaml::parse_integer(*text);
  if (!number) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--" + std::string(option) + " " + *text);
  return *number;
}

// "--from DATE --to DATE", both included.
Days days_of(Words& words) {
  static constexpr Days ever{-1'000'000, 1'000'000};
  const auto from = words.option("from");
  const auto to = words.option("to");
  return {from ? date_of(*from) : ever.first, to ? date_of(*to) + 1 : ever.end};
}

std::string show_trail(Office& office, Ask& ask) {
  Words& words = ask.words;
  const bool as_csv = words.flag("csv");
  audit::Filter filter;
  const Days days = days_of(words);
  filter.from = begin_of(days.first);
  filter.to = begin_of(days.end);
  filter.actor = words.option("actor", "");
  filter.action = words.option("action", "");
  filter.subject = words.option("subject", "");
  filter.after = number_of(words, "after", 0);
  const auto limit = static_cast<std::size_t>(std::min(number_of(words, "limit", usual_limit), most_lines));
  words.finish();
  if (office.keeper != nullptr) office.keeper->flush();
  office.registry.note({ask.actor,
                        "audit.read",
                        "",
                        "",
                        "",
                        "",
                        {{"actor", filter.actor},
                         {"action", filter.action},
                         {"subject", filter.subject},
                         {"after", std::to_string(filter.after)},
                         {"limit", std::to_string(limit)}}});
  std::vector<audit::Line> lines;
  for (bool more = true; more && lines.size() < limit;) {
    audit::Page page;
    office.registry.work([&](sqlite::Database& database) { page = audit::read_page(database, filter); });
    for (audit::Line& line : page.lines)
      if (lines.size() < limit) lines.push_back(std::move(line));
    filter.after = page.last;
    more = !page.is_end;
  }
  return as_csv ? audit::to_csv(lines) : ask.json ? audit::to_json(lines) : audit::to_table(lines);
}

std::string export_evidence(Office& office, Ask& ask) {
  const std::string to = ask.words.next("DIR");
  const Days days = days_of(ask.words);
  ask.words.finish();
  const EvidenceReport report = write_evidence(office, ask.actor, to, days);
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  if (ask.json)
    return "{\"first\":" + number(report.first) + ",\"last\":" + number(report.last) +
           ",\"ledger_lines\":" + number(report.lines) + "}\n";
  return "审计条目 audit entries " + number(report.first) + " - " + number(report.last) + ", 账目 ledger lines " +
         number(report.lines) + "\n校验 verify: qianzhi verify " + to + " --directory-key DIRECTORY.pub\n";
}

std::string sign_now(Office& office, Ask& ask) {
  ask.words.finish();
  office.registry.note({ask.actor, "audit.checkpoint", "", ""});
  if (office.keeper == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-064", "no audit keeper");
  const audit::Checkpoint checkpoint = office.keeper->checkpoint();
  return std::to_string(checkpoint.sequence) + " " + checkpoint.digest.hex() + "\n";
}

const Verb table_of_audit[] = {
    {"audit",
     "[--from DATE] [--to DATE] [--actor NAME] [--action ACTION] [--subject TEXT] [--after SEQUENCE] [--limit N] "
     "[--json|--csv]",
     "查询审计记录（日期按北京时间，含首尾两日）",
     "look through the audit trail (days of Beijing, both included)",
     Role::audit,
     show_trail,
     {"csv"}},
    {"audit checkpoint", "", "立即签发检查点，抄下即可防止改写",
     "sign a checkpoint now; who writes it down holds evidence", Role::audit, sign_now},
    {"evidence", "DIR [--from DATE] [--to DATE]", "导出可离线校验的审计证据",
     "export evidence that can be verified offline", Role::audit, export_evidence},
};

}  // namespace

std::span<const Verb> audit_verbs() { return table_of_audit; }

}  // namespace qianzhi::hub
