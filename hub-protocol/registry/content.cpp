#include "hub-protocol/registry/content.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/document.h"

namespace qianzhi::registry {

namespace {

// read: puts one record's message into a part of its own and lets the part's reader, which checks everything, add it.
template <typename Read>
void add_each(const View& view, std::string_view kind, std::vector<LeftOut>& left_out, Read&& read) {
  for (const Record& record : view.all(kind)) {
    try {
      read(record);
    } catch (const Error& error) {
      left_out.push_back({record.kind, record.id, error.detail()});
    }
  }
}

template <typename Message>
void parse(const Record& record, Message& message) {
  if (!message.ParseFromString(record.body)) throw Error(ErrorKind::corrupt, "QZ-HUB-061", "malformed record");
}

}  // namespace

std::vector<LeftOut> add_to(Directory& content, const View& view, DigestSuite suite) {
  std::vector<LeftOut> left_out;
  add_each(view, kind::department, left_out, [&](const Record& record) {
    wire::MembersPart part;
    parse(record, *part.add_departments());
    seal::read_members(part, suite, content);
  });
  add_each(view, kind::agent, left_out, [&](const Record& record) {
    wire::MembersPart part;
    parse(record, *part.add_agents());
    seal::read_members(part, suite, content);
  });
  add_each(view, kind::code_table, left_out, [&](const Record& record) {
    wire::CodeTablePart part;
    parse(record, part);
    seal::read_code_table(part, content);
  });
  add_each(view, kind::topic, left_out, [&](const Record& record) {
    wire::CataloguePart part;
    parse(record, *part.add_topics());
    part.set_version(content.catalogue.version);
    seal::read_catalogue(part, content);
  });
  add_each(view, kind::provision, left_out, [&](const Record& record) {
    wire::GrantsPart part;
    parse(record, *part.add_provisions());
    seal::read_grants(part, content);
  });
  add_each(view, kind::grant, left_out, [&](const Record& record) {
    wire::GrantsPart part;
    parse(record, *part.add_grants());
    seal::read_grants(part, content);
  });
  // Those of the configuration file may have lost their ground: the topic's terms are others now.
  std::erase_if(content.grants, [&](const Grant& grant) {
    const std::string fault = seal::fault_of(grant, content);
    if (!fault.empty()) left_out.push_back({std::string(kind::grant), grant.id, fault});
    return !fault.empty();
  });
  return left_out;
}

}  // namespace qianzhi::registry
