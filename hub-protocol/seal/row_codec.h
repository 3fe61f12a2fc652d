// Content of row, column and position blocks (messages of wire/batch.proto), internal to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/source.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

// Encoders replace what out holds, so that one buffer serves all columns.
void encode_rows(const std::vector<RowMeta>& rows, Bytes& out);
void encode_column(const Column& column, Bytes& out);
Bytes encode_position(const SourcePosition& position);

// Throw as fault says if the octets are malformed. Rows come back in ascending ordinal.
std::vector<RowMeta> decode_rows(std::string_view octets, std::size_t most, const Fault& fault);
// What decode_rows would give, by operation.
RowCounts count_rows_of(std::string_view octets, std::size_t most, const Fault& fault);
// A column of exactly `rows` rows.
Column decode_column(std::string_view octets, std::size_t rows, const Fault& fault);
SourcePosition decode_position(std::string_view octets, const Fault& fault);

}  // namespace qianzhi::seal
