// What the process boundary costs: one million rows of 12 columns, about 300 octets each, encoded, sent through a
// socket pair by one process, received and decoded by another. Prints CPU-seconds of both sides together, per chunk
// size.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/channel.h"
#include "adapters/api/codec.h"
#include "adapters/api/memory.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::adapter;

constexpr std::size_t total = 1'000'000;
constexpr std::size_t columns = 12;

Changes chunk_of(std::size_t rows) {
  Changes changes;
  TableChanges table;
  table.columns.resize(columns);
  for (std::size_t row = 0; row < rows; ++row) {
    table.meta.push_back({Operation::upsert, 42, 1'700'000'000'000'000 + static_cast<Micros>(row)});
    for (std::size_t i = 0; i < columns; ++i) table.columns[i].append(std::string(10 + i * 3, 'x'));
  }
  changes.tables.push_back(std::move(table));
  return changes;
}

double seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void produce(int socket, std::size_t rows) {
  const Changes changes = chunk_of(rows);
  Channel channel(socket);
  for (std::size_t sent = 0; sent < total; sent += rows) {
    wire::Reply reply;
    encode(changes, *reply.mutable_changes());
    channel.send(reply.SerializeAsString(), nullptr, 0);
  }
}

std::size_t consume(int socket, const SourceSpec& spec) {
  Channel channel(socket);
  std::size_t rows = 0;
  while (const auto frame = channel.receive(nullptr, 0)) {
    wire::Reply reply;
    if (!reply.ParseFromArray(frame->data(), static_cast<int>(frame->size()))) return 0;
    rows += decode(reply.changes(), spec).tables.front().meta.size();
  }
  return rows;
}

void measure(std::size_t chunk) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0) return;
  const double before = seconds(RUSAGE_SELF) + seconds(RUSAGE_CHILDREN);
  const pid_t child = fork();
  if (child == 0) {
    close(pair[0]);
    produce(pair[1], chunk);
    _exit(0);
  }
  close(pair[1]);
  const SourceSpec spec{{}, "s", CaptureMode::journal, {{"t", std::vector<std::string>(columns, "c"), {"c"}, {}}}, 0};
  const std::size_t rows = consume(pair[0], spec);
  close(pair[0]);
  waitpid(child, nullptr, 0);
  const double used = seconds(RUSAGE_SELF) + seconds(RUSAGE_CHILDREN) - before;
  std::printf("adapter protocol: chunks of %5zu rows: %.2f CPU-s per million rows, both sides (%zu rows)\n", chunk,
              used, rows);
}

}  // namespace

int main() {
  keep_freed_memory();
  for (const std::size_t chunk : {20UL, 500UL, 2000UL}) measure(chunk);
}
