#include "adapters/postgresql/digests.h"

#include <libpq-fe.h>

#include <algorithm>
#include <set>

#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/read_snapshot.h"
#include "adapters/postgresql/row_text.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

// boolean, bytea, integers, text, varchar, date, timestamps, uuid: equal only if their texts are.
const std::set<Oid> exact_types = {16, 17, 20, 21, 23, 25, 1043, 1082, 1114, 1184, 2950};

std::vector<std::size_t> kept_of(const adapter::SourceTable& wanted) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    const auto is_in = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), wanted.columns[i]) != names.end();
    };
    if (is_in(wanted.key) || is_in(wanted.old_columns)) kept.push_back(i);
  }
  return kept;
}

std::vector<std::string> kept_names(const adapter::SourceTable& wanted) {
  std::vector<std::string> names;
  for (const std::size_t index : kept_of(wanted)) names.push_back(wanted.columns[index]);
  return names;
}

}  // namespace

std::string digest_expression(Session& session, const CatalogTable& table, const std::vector<std::string>& columns) {
  const Result version =
      session.run("SELECT current_setting('server_version_num')::int / 10000", "asking for the server's version");
  adapter::sql::Fingerprint shape;
  shape.add(version.view(0, 0));
  std::string parts;
  for (const std::string& name : columns) {
    const CatalogColumn* column = table.find(name);
    QZ_ASSERT(column != nullptr);
    shape.add(name);
    shape.add(column->type_text);
    const bool exact = exact_types.count(column->type) != 0 && column->deterministic;
    parts += ", " + quote_name(name) + (exact ? "" : "::text COLLATE \"C\"");
  }
  return "hash_record_extended(ROW('" + shape.hex() + "'::text" + parts + "), 0)";
}

DigestReader::DigestReader(const CatalogTable& table, const adapter::SourceTable& wanted, const std::string& digest)
    : kept_(kept_of(wanted)),
      reader_(table, kept_names(wanted), wanted.key, "", digest),
      by_keys_("SELECT " + quote_list(wanted.columns) + ", " + digest + from_keys(table, wanted.key)) {
  for (const std::string& name : wanted.columns) forms_.push_back(form_of(table.find(name)->type));
  for (const std::string& name : wanted.key) key_forms_.push_back(form_of(table.find(name)->type));
}

adapter::SnapshotChunk DigestReader::read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits) {
  KeysetPage page = reader_.read(session, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns.resize(forms_.size());
  for (std::size_t i = 0; i < kept_.size(); ++i) chunk.columns[kept_[i]] = std::move(page.columns[i]);
  for (std::size_t i = 0; i < forms_.size(); ++i)
    if (std::find(kept_.begin(), kept_.end(), i) == kept_.end())
      for (std::size_t row = 0; row < page.rows; ++row) chunk.columns[i].append_unchanged();
  chunk.digest = std::move(page.digest);
  chunk.cursor = page.cursor;
  chunk.done = page.exhausted;
  return chunk;
}

adapter::SnapshotChunk DigestReader::read_keys(Session& session, const std::vector<Column>& keys,
                                               const adapter::ReadLimits& limits) const {
  if (keys.size() != key_forms_.size())
    throw Error(ErrorKind::misuse, "QZ-ADP-010", "keys of another table are asked for");
  Parameters values;
  for (std::size_t part = 0; part < keys.size(); ++part) {
    std::string array = "{";
    for (std::size_t row = 0; row < keys[part].size(); ++row) {
      if (array.size() > 1) array += ',';
      const std::string text(keys[part].text(row));
      append_array_text(key_forms_[part] == Form::bytes ? "\\x" + to_hex(text) : text, array);
    }
    values.add(array + "}");
  }
  const ReadSnapshot snapshot(session, by_key_only);
  const std::vector<const char*> pointers = values.pointers();
  if (PQsendQueryParams(session.handle(), by_keys_.c_str(), values.size(), nullptr, pointers.data(), nullptr, nullptr,
                        0) == 0)
    throw error_of(nullptr, session.handle(), "reading rows that differ");
  PQsetSingleRowMode(session.handle());
  adapter::SnapshotChunk chunk;
  chunk.columns.resize(forms_.size());
  chunk.done = true;
  std::size_t octets = 0;
  Result failed(nullptr);
  for (Result row(PQgetResult(session.handle())); row.handle() != nullptr;
       row = Result(PQgetResult(session.handle()))) {
    const auto status = PQresultStatus(row.handle());
    if (status == PGRES_TUPLES_OK) continue;
    if (status != PGRES_SINGLE_TUPLE) {
      failed = std::move(row);
      continue;
    }
    if (octets >= limits.octets || chunk.digest.size() >= limits.rows) {
      chunk.done = false;
      continue;
    }
    for (std::size_t i = 0; i < forms_.size(); ++i) {
      const int at = static_cast<int>(i);
      octets += row.view(0, at).size();
      if (row.is_null(0, at))
        chunk.columns[i].append_null();
      else
        append_value(forms_[i], row.view(0, at), chunk.columns[i]);
    }
    chunk.digest.append(row.view(0, static_cast<int>(forms_.size())));
  }
  if (failed.handle() != nullptr) throw error_of(failed.handle(), session.handle(), "reading rows that differ");
  return chunk;
}

}  // namespace qianzhi::postgresql
