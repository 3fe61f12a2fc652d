#include "agent/app/inspect_text.h"

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/command/language.h"

namespace qianzhi::app {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object ordered() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

std::string printed(const auto& value) {
  std::ostringstream out;
  value.stringify(out);
  return out.str();
}

const char* severity_name(adapter::Severity severity) {
  switch (severity) {
    case adapter::Severity::ok: return "ok";
    case adapter::Severity::notice: return "notice";
    case adapter::Severity::warning: return "warning";
    case adapter::Severity::error: return "error";
  }
  return "error";
}

const char* severity_mark(adapter::Severity severity) {
  switch (severity) {
    case adapter::Severity::ok: return " ✓ ";
    case adapter::Severity::notice: return " · ";
    case adapter::Severity::warning: return " ▲ ";
    case adapter::Severity::error: return " ✕ ";
  }
  return " ✕ ";
}

Object finding_json(const adapter::Finding& finding) {
  Object object = ordered();
  object.set("severity", std::string(severity_name(finding.severity)));
  object.set("code", finding.code);
  object.set("detail", finding.detail);
  object.set("cure", finding.cure);
  const auto explanation = explain(finding.code);
  object.set("title_zh", explanation ? std::string(explanation->title_zh) : std::string());
  object.set("title_en", explanation ? std::string(explanation->title_en) : std::string());
  return object;
}

}  // namespace

std::string to_text(const Inspected& one) {
  if (one.findings.empty()) return " ✓ " + one.text + "\n";
  std::string text;
  for (const adapter::Finding& finding : one.findings) {
    text += severity_mark(finding.severity) + one.text + "  " + finding.code + " " + finding.detail + "\n";
    if (!finding.cure.empty()) text += "     -> " + finding.cure + "\n";
  }
  return text;
}

std::string checked_json(const yaml::Diagnostics& diagnostics, const std::vector<Inspected>& inspected) {
  Object::Ptr whole =
      Poco::JSON::Parser(new Poco::JSON::ParseHandler(true)).parse(diagnostics.json()).extract<Object::Ptr>();
  auto errors = whole->getValue<std::uint64_t>("errors");
  auto warnings = whole->getValue<std::uint64_t>("warnings");
  Array live;
  for (const Inspected& one : inspected) {
    Array findings;
    for (const adapter::Finding& finding : one.findings) {
      errors += finding.severity == adapter::Severity::error ? 1 : 0;
      warnings += finding.severity == adapter::Severity::warning ? 1 : 0;
      findings.add(finding_json(finding));
    }
    Object object = ordered();
    object.set("step", one.step);
    object.set("text_zh", command::in_language(one.text, command::Language::zh));
    object.set("text_en", command::in_language(one.text, command::Language::en));
    object.set("findings", findings);
    live.add(object);
  }
  whole->set("errors", errors);
  whole->set("warnings", warnings);
  whole->set("live", live);
  return printed(*whole);
}

std::string plan_json(const std::vector<PlanScript>& scripts, const std::string& part) {
  Array array;
  for (const PlanScript& script : scripts) {
    Object object = ordered();
    object.set("database", script.database);
    object.set("side", script.side);
    object.set("type", script.type);
    object.set("part", part);
    object.set("script", script.text);
    array.add(object);
  }
  return printed(array);
}

std::string to_text(const Sampled& sampled) {
  std::string text;
  for (const SampledRow& row : sampled.rows) {
    text += std::string(row.is_withheld ? "隔离 withheld" : "发出 sent") + "  组 group " +
            (row.group.empty() ? "(unknown)" : row.group) + "\n";
    for (const SampledRow::Value& value : row.values)
      text += "  " + value.item + " (" + value.title + ") = " + value.text.value_or("(null)") + "\n";
  }
  for (const auto& [code, detail] : sampled.faults) text += "✕ " + code + " " + detail + "\n";
  if (sampled.doubtful == 0) return text;
  return text + "! " + std::to_string(sampled.doubtful) +
         " 个值的校验码不符，或代码不在代码表中或已撤销 / values with a check digit that does not hold, or a code that "
         "is "
         "not in its table or was abolished\n";
}

std::string sampled_json(const Sampled& sampled) {
  Array rows;
  for (const SampledRow& row : sampled.rows) {
    Array values;
    for (const SampledRow::Value& value : row.values) {
      Object one = ordered();
      one.set("item", value.item);
      one.set("title", value.title);
      one.set("value", value.text ? Poco::Dynamic::Var(*value.text) : Poco::Dynamic::Var());
      values.add(one);
    }
    Object object = ordered();
    object.set("operation", std::string(row.is_withheld ? "withheld" : "sent"));
    object.set("group", row.group);
    object.set("values", values);
    rows.add(object);
  }
  Array faults;
  for (const auto& [code, detail] : sampled.faults) {
    Object one = ordered();
    one.set("code", code);
    one.set("detail", detail);
    faults.add(one);
  }
  Object whole = ordered();
  whole.set("topic", sampled.topic);
  whole.set("rows", rows);
  whole.set("faults", faults);
  whole.set("doubtful_values", sampled.doubtful);
  return printed(whole);
}

}  // namespace qianzhi::app
