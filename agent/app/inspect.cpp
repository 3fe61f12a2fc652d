// The verbs that look and never change: check, plan, sample; and ask, which talks to the running agent.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "agent/app/agent.h"
#include "agent/app/commands.h"
#include "agent/app/control_commands.h"
#include "agent/app/files.h"
#include "agent/app/inspect.h"
#include "agent/app/inspect_text.h"
#include "agent/app/kept.h"
#include "agent/app/links.h"
#include "agent/app/trial.h"
#include "agent/config/loader.h"
#include "agent/config/names.h"
#include "agent/flow/answer_lookup.h"
#include "agent/flow/answerer.h"
#include "agent/flow/ask_table.h"
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

bool is_asked_from(const config::Config& config, const std::string& source) {
  return std::any_of(config.asks.begin(), config.asks.end(),
                     [&](const config::AskConfig& ask) { return ask.source == source; });
}

// A source that only answers, or only holds requests, captures nothing.
bool is_captured(const config::Config& config, const std::string& source) {
  return is_published(config, source) || (answers_of(config, source).empty() && !is_asked_from(config, source));
}

adapter::TargetSpec target_spec(const config::Config& config, const std::string& id,
                                const config::DatabaseConfig& target, const Catalogue& catalogue, bool connects) {
  adapter::TargetSpec spec =
      flow::Deliver::spec_of(target, subscriptions_of(config, id), catalogue,
                             connects ? connection_of(target) : adapter::Connection{target.options, {}});
  for (const config::AskConfig& ask : config.asks)
    if (ask.target == id) spec.tables.push_back(flow::answer_table(ask, catalogue));
  return spec;
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

std::string part_of(const adapter::Plan& plan, const std::string& part) {
  return part == "grants"      ? plan.grants
         : part == "uninstall" ? plan.uninstall
         : part == "leftovers" ? plan.leftovers
                               : plan.install;
}

// What the account of a source needs to read requests. Its own account has a plan of its own; else only rights are
// added.
std::string asks_part(const config::Config& config, const config::SourceConfig& source, adapter::Adapter& adapter,
                      bool has_plan, const std::string& part) {
  adapter::SourceSpec spec;
  spec.connection = {source.database.options, {}};
  spec.name = config::source_name(config.agent_id, source.database.id);
  spec.mode = adapter::CaptureMode::snapshot_only;
  for (const config::AskConfig& ask : config.asks)
    if (ask.source == source.database.id)
      for (adapter::SourceTable& table : flow::tables_read(ask)) spec.tables.push_back(std::move(table));
  const adapter::Plan plan = adapter.plan_source(spec);
  if (!has_plan) return part_of(plan, part);
  if (part != "grants") return {};
  std::istringstream lines(plan.grants);
  std::string text = "-- asks: " + source.database.id + "\n";
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("GRANT ", 0) == 0) text += line + "\n";
  return text;
}

// What the preflight found wrong, as a script: each finding as a comment, then what cures it.
std::string repairs_of(const std::string& where, const std::vector<adapter::Finding>& findings) {
  std::string text;
  for (const adapter::Finding& finding : findings) {
    if (finding.severity == adapter::Severity::ok || finding.cure.empty()) continue;
    std::string detail = finding.detail;
    std::replace(detail.begin(), detail.end(), '\n', ' ');
    text += "-- " + where + ": " + finding.code + " " + detail + "\n" + finding.cure +
            (finding.cure.back() == '\n' ? "" : "\n");
  }
  return text;
}

// Requests without an answer are looked for in the whole table: no index is missing.
std::vector<adapter::Finding> requests_findings(std::vector<adapter::Finding> findings) {
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const adapter::Finding& finding) { return finding.code == "QZ-ADP-064"; }),
                 findings.end());
  return findings;
}

struct Tally {
  int errors = 0;
  int warnings = 0;
};

// In text as it goes, because a database that is away takes its time.
Tally check_live(const config::Config& config, const Catalogue& catalogue, bool prints,
                 std::vector<Inspected>& inspected) {
  Tally tally;
  const auto told = [&](const Inspected& one) {
    for (const adapter::Finding& finding : one.findings) {
      tally.errors += finding.severity == adapter::Severity::error ? 1 : 0;
      tally.warnings += finding.severity == adapter::Severity::warning ? 1 : 0;
    }
    if (prints) std::fputs(to_text(one).c_str(), stdout);
    inspected.push_back(one);
  };
  each_database(config, catalogue, told);
  const SystemClock clock;
  told({"hub", "交换中心 / hub", findings_of([&]() -> std::vector<adapter::Finding> {
          const wire::DirectoryReply reply = ask_hub(config, clock);
          return {{adapter::Severity::ok, "",
                   way_to_hub(config.exchange) + " " + std::to_string(reply.signed_root().size()) + " B", ""}};
        })});
  return tally;
}

}  // namespace

void each_database(const config::Config& config, const Catalogue& catalogue,
                   const std::function<void(const Inspected&)>& visit) {
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  for (const auto& [id, source] : config.sources) {
    const std::vector<config::AnswerConfig> answers = answers_of(config, id);
    if (is_captured(config, id))
      visit({"source", "数据源 " + id + " / source " + id, findings_of([&, &definition = source] {
               const auto adapter = adapters(definition.database);
               return adapter->open_source(source_spec(config, definition, catalogue, true, *adapter))->preflight();
             })});
    if (!answers.empty())
      visit({"answers", "答复 " + id + " / answers " + id, findings_of([&, &definition = source] {
               return flow::preflight_answers(*adapters(definition.database),
                                              flow::Answerer::spec_of(config.agent_id, definition, answers, catalogue,
                                                                      connection_of(definition.database)));
             })});
  }
  for (const config::AskConfig& ask : config.asks)
    visit({"requests", "请求表 " + ask.name + " / requests " + ask.name, findings_of([&] {
             const config::SourceConfig& source = config.sources.at(ask.source);
             return requests_findings(
                 adapters(source.database)
                     ->open_lookup(flow::requests_spec(config.agent_id, ask, source, connection_of(source.database)))
                     ->preflight());
           })});
  for (const auto& [id, target] : config.targets)
    visit({"target", "目标 " + id + " / target " + id, findings_of([&, &name = id, &definition = target] {
             return adapters(definition)
                 ->open_target(target_spec(config, name, definition, catalogue, true))
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
  std::vector<Inspected> inspected;
  if (options.json) {
    const bool looks = options.live && !diagnostics.has_errors();
    const Tally tally =
        looks ? check_live(config, catalogue_for(config, options.catalogue), false, inspected) : Tally();
    std::puts(options.live ? checked_json(diagnostics, inspected).c_str() : diagnostics.json().c_str());
    if (diagnostics.has_errors()) return wrong_configuration;
    return tally.errors == 0 ? 0 : no_permission;
  }
  std::fputs(diagnostics.render(yaml::is_terminal(STDOUT_FILENO)).c_str(), stdout);
  if (diagnostics.has_errors()) return wrong_configuration;
  std::printf("配置无误 / the configuration is good: %s\n", options.config.c_str());
  if (!options.live) return 0;
  const Tally tally = check_live(config, catalogue_for(config, options.catalogue), true, inspected);
  std::printf("结果: %d 个错误, %d 个警告 / %d errors, %d warnings\n", tally.errors, tally.warnings, tally.errors,
              tally.warnings);
  return tally.errors == 0 ? 0 : no_permission;
}

namespace {

std::vector<PlanScript> repairs(const config::Config& config, const Catalogue& catalogue, const std::string& database) {
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  std::vector<PlanScript> scripts;
  for (const auto& [id, source] : config.sources)
    if ((database.empty() || database == id) && is_captured(config, id)) {
      const auto adapter = adapters(source.database);
      const auto opened = adapter->open_source(source_spec(config, source, catalogue, true, *adapter));
      scripts.push_back({id, "source", source.database.type, repairs_of("source " + id, opened->preflight())});
    }
  for (const auto& [id, target] : config.targets)
    if (database.empty() || database == id) {
      const auto opened = adapters(target)->open_target(target_spec(config, id, target, catalogue, true));
      scripts.push_back({id, "target", target.type, repairs_of("target " + id, opened->preflight())});
    }
  return scripts;
}

std::vector<PlanScript> plans(const config::Config& config, const Catalogue& catalogue, const PlanOptions& options) {
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  std::vector<PlanScript> scripts;
  for (const auto& [id, source] : config.sources) {
    if (!options.database.empty() && options.database != id) continue;
    const auto adapter = adapters(source.database);
    const bool is_captured_too = is_captured(config, id);
    std::string text;
    if (is_captured_too)
      text = part_of(adapter->plan_source(source_spec(config, source, catalogue, false, *adapter)), options.part);
    if (is_asked_from(config, id)) text += asks_part(config, source, *adapter, is_captured_too, options.part);
    scripts.push_back({id, "source", source.database.type, text});
  }
  for (const auto& [id, target] : config.targets)
    if (options.database.empty() || options.database == id)
      scripts.push_back(
          {id, "target", target.type,
           part_of(adapters(target)->plan_target(target_spec(config, id, target, catalogue, false)), options.part)});
  return scripts;
}

}  // namespace

int plan(const PlanOptions& options) {
  const config::Config config = load_or_throw(options.config);
  const Catalogue catalogue = catalogue_for(config, options.catalogue);
  const std::vector<PlanScript> scripts =
      options.part == "repair" ? repairs(config, catalogue, options.database) : plans(config, catalogue, options);
  if (options.json) {
    std::puts(plan_json(scripts, options.part).c_str());
    return 0;
  }
  for (const PlanScript& script : scripts) std::fputs(script.text.c_str(), stdout);
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
  Sampled sampled{options.topic, {}, {}, selection.mapped.findings};
  for (const flow::Line& line : selection.lines) {
    SampledRow row{line.operation == Operation::withheld, line.group, {}};
    for (std::size_t i = 0; i < publication.topic().items.size(); ++i) {
      const Item& item = publication.topic().items[i];
      const Column& column = selection.mapped.items[i];
      const bool has = column.presence(line.row) == Presence::value;
      row.values.push_back({item.id, item.title, has ? std::optional(masked(column.text(line.row))) : std::nullopt});
    }
    sampled.rows.push_back(std::move(row));
  }
  for (const mapping::Fault& fault : selection.faults) sampled.faults.emplace_back(fault.code, fault.detail);
  std::fputs((options.json ? sampled_json(sampled) + "\n" : to_text(sampled)).c_str(), stdout);
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
