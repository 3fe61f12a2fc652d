// The verbs that look and never change: check, plan, sample; and ask, which talks to the running agent.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "agent/app/agent.h"
#include "agent/app/commands.h"
#include "agent/app/control_commands.h"
#include "agent/app/files.h"
#include "agent/app/inspect.h"
#include "agent/app/kept.h"
#include "agent/app/links.h"
#include "agent/app/trial.h"
#include "agent/config/loader.h"
#include "agent/flow/answer_lookup.h"
#include "agent/flow/answerer.h"
#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "agent/flow/deliver.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

namespace {

constexpr int wrong_configuration = 78;
constexpr int no_permission = 77;

std::vector<flow::Publication> publications_of(const config::Config& config, const std::string& source,
                                               const Catalogue& catalogue) {
  std::vector<flow::Publication> publications;
  for (const config::PublicationConfig& publication : config.publications) {
    const Topic* topic = catalogue.find(publication.topic);
    if (topic == nullptr || publication.source != source) continue;
    publications.emplace_back(publication, *topic, publication.area);
  }
  return publications;
}

std::vector<config::SubscriptionConfig> subscriptions_of(const config::Config& config, const std::string& target) {
  std::vector<config::SubscriptionConfig> subscriptions;
  for (const config::SubscriptionConfig& subscription : config.subscriptions)
    if (subscription.target == target) subscriptions.push_back(subscription);
  return subscriptions;
}

bool is_published(const config::Config& config, const std::string& source) {
  return std::any_of(config.publications.begin(), config.publications.end(),
                     [&](const config::PublicationConfig& publication) { return publication.source == source; });
}

std::vector<config::AnswerConfig> answers_of(const config::Config& config, const std::string& source) {
  std::vector<config::AnswerConfig> answers;
  for (const config::AnswerConfig& answer : config.answers)
    if (answer.source == source) answers.push_back(answer);
  return answers;
}

adapter::SourceSpec source_spec(const config::Config& config, const config::SourceConfig& source,
                                const Catalogue& catalogue, bool connects) {
  return flow::Capture::spec_of(
      source, publications_of(config, source.database.id, catalogue), config.agent_id,
      connects ? connection_of(source.database) : adapter::Connection{source.database.options, {}});
}

// An adapter that knows no canary would watch a table that nobody made.
adapter::SourceSpec source_spec(const config::Config& config, const config::SourceConfig& source,
                                const Catalogue& catalogue, bool connects, const adapter::Adapter& adapter) {
  adapter::SourceSpec spec = source_spec(config, source, catalogue, connects);
  if (!spec.canary.empty() && !adapter.capabilities().canary)
    throw Error(ErrorKind::misuse, "QZ-AGT-102", source.database.id + ": " + source.database.type);
  return spec;
}

// What is away is a finding, too.
template <typename Look>
std::vector<adapter::Finding> findings_of(Look look) {
  try {
    return look();
  } catch (const Error& error) {
    return {{adapter::Severity::error, error.code(), error.detail(), error.hint()}};
  }
}

void print_part(const adapter::Plan& plan, const std::string& part) {
  const std::string& text = part == "grants"      ? plan.grants
                            : part == "uninstall" ? plan.uninstall
                            : part == "leftovers" ? plan.leftovers
                                                  : plan.install;
  std::fputs(text.c_str(), stdout);
}

// What the preflight found wrong, as a script: each finding as a comment, then what cures it.
void print_repairs(const std::string& where, const std::vector<adapter::Finding>& findings) {
  for (const adapter::Finding& finding : findings) {
    if (finding.severity == adapter::Severity::ok || finding.cure.empty()) continue;
    std::string detail = finding.detail;
    std::replace(detail.begin(), detail.end(), '\n', ' ');
    std::printf("-- %s: %s %s\n%s%s\n", where.c_str(), finding.code.c_str(), detail.c_str(), finding.cure.c_str(),
                finding.cure.back() == '\n' ? "" : "\n");
  }
}

struct Tally {
  int errors = 0;
  int warnings = 0;
};

void print_findings(const std::string& where, const std::vector<adapter::Finding>& findings, Tally& tally) {
  for (const adapter::Finding& finding : findings) {
    const char* mark = " ✓ ";
    if (finding.severity == adapter::Severity::notice) mark = " · ";
    if (finding.severity == adapter::Severity::warning) mark = " ▲ ";
    if (finding.severity == adapter::Severity::error) mark = " ✕ ";
    tally.errors += finding.severity == adapter::Severity::error ? 1 : 0;
    tally.warnings += finding.severity == adapter::Severity::warning ? 1 : 0;
    std::printf("%s%s  %s %s\n", mark, where.c_str(), finding.code.c_str(), finding.detail.c_str());
    if (!finding.cure.empty()) std::printf("     -> %s\n", finding.cure.c_str());
  }
}

Tally check_live(const config::Config& config, const Catalogue& catalogue) {
  Tally tally;
  const auto told = [&](const std::string& where, const std::vector<adapter::Finding>& findings) {
    print_findings(where, findings, tally);
    if (findings.empty()) std::printf(" ✓ %s\n", where.c_str());
  };
  each_database(config, catalogue, [&](const Inspected& one) { told(one.text, one.findings); });
  const SystemClock clock;
  told("交换中心 hub", findings_of([&]() -> std::vector<adapter::Finding> {
         const wire::DirectoryReply reply = ask_hub(config, clock);
         return {{adapter::Severity::ok, "",
                  way_to_hub(config.exchange) + " " + std::to_string(reply.signed_root().size()) + " B", ""}};
       }));
  return tally;
}

}  // namespace

void each_database(const config::Config& config, const Catalogue& catalogue,
                   const std::function<void(const Inspected&)>& visit) {
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  for (const auto& [id, source] : config.sources) {
    const std::vector<config::AnswerConfig> answers = answers_of(config, id);
    if (is_published(config, id) || answers.empty())
      visit({"source", "数据源 source " + id, findings_of([&, &definition = source] {
               const auto adapter = adapters(definition.database);
               return adapter->open_source(source_spec(config, definition, catalogue, true, *adapter))->preflight();
             })});
    if (!answers.empty())
      visit({"answers", "答复 answers " + id, findings_of([&, &definition = source] {
               return flow::preflight_answers(*adapters(definition.database),
                                              flow::Answerer::spec_of(config.agent_id, definition, answers, catalogue,
                                                                      connection_of(definition.database)));
             })});
  }
  for (const auto& [id, target] : config.targets)
    visit({"target", "目标 target " + id, findings_of([&, &name = id, &definition = target] {
             return adapters(definition)
                 ->open_target(flow::Deliver::spec_of(definition, subscriptions_of(config, name), catalogue,
                                                      connection_of(definition)))
                 ->preflight();
           })});
}

int check(const CheckOptions& options) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(options.config, diagnostics);
  if (!diagnostics.has_errors()) {
    config::check_secrets(config, diagnostics);
    if (!diagnostics.has_errors()) check_way(config, SystemClock(), diagnostics);
    if (!options.catalogue.empty())
      config::check_against(config, catalogue_for(config, options.catalogue), diagnostics);
  }
  if (options.json && (diagnostics.has_errors() || !options.live)) {
    std::puts(diagnostics.json().c_str());
    return diagnostics.has_errors() ? wrong_configuration : 0;
  }
  std::fputs(diagnostics.render(yaml::is_terminal(STDOUT_FILENO)).c_str(), stdout);
  if (diagnostics.has_errors()) return wrong_configuration;
  std::printf("配置无误 / the configuration is good: %s\n", options.config.c_str());
  if (!options.live) return 0;
  const Tally tally = check_live(config, catalogue_for(config, options.catalogue));
  std::printf("结果: %d 个错误, %d 个警告 / %d errors, %d warnings\n", tally.errors, tally.warnings, tally.errors,
              tally.warnings);
  return tally.errors == 0 ? 0 : no_permission;
}

int repair(const config::Config& config, const Catalogue& catalogue, const std::string& database) {
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  for (const auto& [id, source] : config.sources)
    if ((database.empty() || database == id) && (is_published(config, id) || answers_of(config, id).empty())) {
      const auto adapter = adapters(source.database);
      print_repairs("source " + id,
                    adapter->open_source(source_spec(config, source, catalogue, true, *adapter))->preflight());
    }
  for (const auto& [id, target] : config.targets)
    if (database.empty() || database == id)
      print_repairs("target " + id, adapters(target)
                                        ->open_target(flow::Deliver::spec_of(target, subscriptions_of(config, id),
                                                                             catalogue, connection_of(target)))
                                        ->preflight());
  return 0;
}

int plan(const PlanOptions& options) {
  const config::Config config = load_or_throw(options.config);
  const Catalogue catalogue = catalogue_for(config, options.catalogue);
  if (options.part == "repair") return repair(config, catalogue, options.database);
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  for (const auto& [id, source] : config.sources)
    if ((options.database.empty() || options.database == id) &&
        (is_published(config, id) || answers_of(config, id).empty())) {
      const auto adapter = adapters(source.database);
      print_part(adapter->plan_source(source_spec(config, source, catalogue, false, *adapter)), options.part);
    }
  for (const auto& [id, target] : config.targets)
    if (options.database.empty() || options.database == id)
      print_part(adapters(target)->plan_target(
                     flow::Deliver::spec_of(target, subscriptions_of(config, id), catalogue, {target.options, {}})),
                 options.part);
  return 0;
}

int sample(const SampleOptions& options) {
  const config::Config config = load_or_throw(options.config);
  const Catalogue catalogue = catalogue_for(config, options.catalogue);
  const auto found = std::find_if(config.publications.begin(), config.publications.end(),
                                  [&](const auto& p) { return p.topic == options.topic; });
  if (found == config.publications.end()) throw Error(ErrorKind::misuse, "QZ-AGT-071", options.topic);
  const config::SourceConfig& source = config.sources.at(found->source);
  adapter::SourceSpec spec = source_spec(config, source, catalogue, true);
  const SystemClock clock;
  const flow::Publication publication(*found, *catalogue.find(options.topic), found->area, catalogue.code_tables,
                                      &clock);
  const auto adapter = process_adapters(config, clock)(source.database);
  const std::size_t table = flow::table_of(spec, publication);
  spec.canary.clear();
  spec.mode = adapter::CaptureMode::snapshot_only;  // a look at the rows needs no journal and changes nothing
  const auto chunk = adapter->open_source(spec)->read_snapshot(table, {}, {options.rows, 1U << 20U});
  const auto indexes = flow::column_indexes(spec.tables[table], publication);
  const auto selection = publication.select_snapshot(flow::pick(chunk.columns, indexes), {}, GroupSet::every());
  for (const flow::Line& line : selection.lines) {
    std::printf("%s  组 group %s\n", line.operation == Operation::withheld ? "隔离 withheld" : "发出 sent",
                line.group.empty() ? "(unknown)" : line.group.c_str());
    for (std::size_t i = 0; i < publication.topic().items.size(); ++i) {
      const Item& item = publication.topic().items[i];
      const Column& column = selection.mapped.items[i];
      const bool has = column.presence(line.row) == Presence::value;
      std::printf("  %s (%s) = %s\n", item.id.c_str(), item.title.c_str(),
                  has ? masked(column.text(line.row)).c_str() : "(null)");
    }
  }
  for (const mapping::Fault& fault : selection.faults)
    std::printf("✕ %s %s\n", fault.code.c_str(), fault.detail.c_str());
  if (selection.mapped.findings != 0)
    std::printf(
        "! %zu 个值的校验码不符，或代码不在代码表中或已撤销 / values with a check digit that does not hold, or a code "
        "that is not in its table or was abolished\n",
        selection.mapped.findings);
  return 0;
}

int ask(const std::filesystem::path& config_file, const std::vector<std::string>& words, bool json) {
  const config::Config config = load_or_throw(config_file);
  std::vector<std::string> sent = words;
  if (json) sent[0] += "-json";
  for (const std::string& word : sent)
    if (word.find_first_of("\t\n") != std::string::npos)
      throw Error(ErrorKind::rejected, "QZ-AGT-145", "a word with a tabulator or line end");
  std::fputs(service::ask_control(control_socket_of(config), sent).c_str(), stdout);
  return 0;
}

}  // namespace qianzhi::app
