// Between the structs of adapter.h and the messages of adapter.proto. Decoders check everything that memory safety or
// the interface's promises depend on, and throw Error(corrupt, QZ-ADP-004).
#pragma once

#include "adapters/api/adapter.h"
#include "adapters/api/lookup.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::wire {

class ApplyResult;
class Changes;
class Column;
class Connection;
class Failure;
class Find;
class Findings;
class Found;
class LookupSpec;
class Marks;
class Page;
class ReadKeys;
class Plan;
class Position;
class SourceSpec;
class Tables;
class TargetSpec;
class TargetTransaction;

}  // namespace qianzhi::adapter::wire

namespace qianzhi::adapter {

inline constexpr std::size_t longest_rows = 1'000'000;  // rows of one message
inline constexpr std::size_t longest_position = 1'024;  // octets of each part of a position

[[noreturn]] void malformed(std::string_view what);

void encode(const Error& error, wire::Failure& to);
// Texts are cut to 4 KiB; an unknown kind is malformed.
Error decode(const wire::Failure& from);

void encode(const Connection& connection, wire::Connection& to);
Connection decode(const wire::Connection& from);
void encode(const SourceSpec& spec, wire::SourceSpec& to);
SourceSpec decode(const wire::SourceSpec& from);
void encode(const TargetSpec& spec, wire::TargetSpec& to);
TargetSpec decode(const wire::TargetSpec& from);
void encode(const std::vector<TableInfo>& tables, wire::Tables& to);
std::vector<TableInfo> decode(const wire::Tables& from);
void encode(const Plan& plan, wire::Plan& to);
Plan decode(const wire::Plan& from);
void encode(const std::vector<Finding>& findings, wire::Findings& to);
std::vector<Finding> decode(const wire::Findings& from);

void encode(const SourcePosition& position, wire::Position& to);
SourcePosition decode(const wire::Position& from);
void encode(const Changes& changes, wire::Changes& to);
// Columns must be those of the specification, and every column as long as its table's rows.
Changes decode(const wire::Changes& from, const SourceSpec& spec);
void encode(const SnapshotChunk& chunk, wire::Page& to);
SnapshotChunk decode(const wire::Page& from, std::size_t columns);
// keys: as many columns as the table's key, all of one length.
void encode_keys(std::size_t table, const std::vector<Column>& keys, wire::ReadKeys& to);
std::vector<Column> decode_keys(const wire::ReadKeys& from);

void encode_column(const Column& column, wire::Column& to);
Column decode_column(const wire::Column& from, std::size_t rows);

void encode(const LookupSpec& spec, wire::LookupSpec& to);
LookupSpec decode(const wire::LookupSpec& from);
// Writes as many questions as fit a frame, at least one; gives their number. What is too long for a question goes as
// invalid, without its text.
std::size_t encode_questions(const std::vector<Column>& questions, wire::Find& to);
std::vector<Column> decode_questions(const wire::Find& from);
void encode(const Found& found, wire::Found& to);
// questions: how many were asked; columns: of the statement.
Found decode(const wire::Found& from, std::size_t questions, std::size_t columns);

void encode(const std::vector<MarkRow>& marks, wire::Marks& to);
std::vector<MarkRow> decode(const wire::Marks& from);
void encode(const TargetTransaction& transaction, wire::TargetTransaction& to);
TargetTransaction decode(const wire::TargetTransaction& from, const TargetSpec& spec);
void encode(const ApplyResult& result, wire::ApplyResult& to);
// Rejections must name rows of the transaction that was applied.
ApplyResult decode(const wire::ApplyResult& from, const TargetTransaction& transaction);

}  // namespace qianzhi::adapter
