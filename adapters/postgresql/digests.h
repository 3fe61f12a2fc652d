// Comparison by digests that the server makes (pitfall 33): a walk brings 8 octets for a row's values, and only rows
// that differ are read.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

// SQL over the table's own columns: 64 bits that are the same as long as these columns hold the same texts. Begins with
// the columns' names, their types and the server's version, because a server may count otherwise in its next version.
// A type whose equality is wider than its text (1.0 and 1.00) counts by its text.
std::string digest_expression(Session& session, const CatalogTable& table, const std::vector<std::string>& columns);

class DigestReader {
 public:
  // digest: as digest_expression() of wanted.columns.
  DigestReader(const CatalogTable& table, const adapter::SourceTable& wanted, const std::string& digest);

  // As Source::read_digests() and read_keys(), without a position. Memory is one chunk.
  adapter::SnapshotChunk read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits);
  adapter::SnapshotChunk read_keys(Session& session, const std::vector<Column>& keys,
                                   const adapter::ReadLimits& limits) const;

 private:
  std::vector<std::size_t> kept_;  // in wanted.columns: key and old columns
  KeysetReader reader_;
  std::vector<Form> forms_;      // of wanted.columns
  std::vector<Form> key_forms_;  // of wanted.key
  std::string by_keys_;          // statement
};

}  // namespace qianzhi::postgresql
