// What the ledger costs where batches are accepted, how fast the audit trail takes entries, and how fast an exported
// one is verified. CPU-seconds of this process.
#include <cstdio>
#include <ctime>

#include "hub-protocol/audit/checkpoint.h"
#include "hub-protocol/audit/evidence_file.h"
#include "hub-protocol/audit/trail.h"
#include "hub-protocol/audit/verify_evidence.h"
#include "hub-protocol/hub/admission.h"
#include "hub-protocol/hub/log.h"
#include "hub-protocol/registry/registry.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

constexpr int columns = 12;

template <typename Work>
double cpu_seconds(Work&& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

seal::BatchContent rows_of(std::size_t count) {
  seal::BatchContent content;
  for (int i = 0; i < columns; ++i) content.items.push_back("item_" + std::to_string(i));
  seal::GroupRows group{"440103", {}, std::vector<Column>(columns)};
  for (std::size_t row = 0; row < count; ++row) {
    group.meta.push_back({row % 9 == 0 ? Operation::remove : Operation::upsert, static_cast<std::uint32_t>(row),
                          row / 10, 1'700'000'000'000'000 + static_cast<Micros>(row * 137)});
    for (int i = 0; i < columns; ++i)
      group.items[static_cast<std::size_t>(i)].append(
          std::to_string((row + 1) * 0x9E3779B97F4A7C15U * static_cast<std::size_t>(i + 1)));
  }
  content.groups.push_back(std::move(group));
  return content;
}

struct Provider {
  Provider() {
    directory.departments["commerce"] = {"commerce", "commerce", "commerce"};
    directory.agents["commerce-01"] = {"commerce-01", "commerce", {}, {key.record()}, true};
    Topic topic;
    topic.id = "commerce.firms";
    for (int i = 0; i < columns; ++i) topic.items.emplace_back().id = "item_" + std::to_string(i);
    topic.key = {"item_0"};
    directory.catalogue.topics[topic.id] = topic;
    directory.provisions.push_back({topic.id, "commerce-01", GroupSet::every()});
    header.stream = {"commerce-01", "commerce.firms"};
    header.position = {1, 1};
  }
  SystemRandom random;
  seal::SigningKey key = seal::SigningKey::generate();
  Directory directory;
  seal::Header header;
};

void measure_ledger(const test::TempDir& dir, std::size_t rows, int batches) {
  Provider provider;
  const seal::Sealed sealed =
      seal::seal(provider.header, rows_of(rows), {"order", "identity"}, provider.key, provider.random);
  const double examined = cpu_seconds([&] {
    for (int i = 0; i < batches; ++i) hub::examine(sealed.octets, "commerce-01", provider.directory);
  });
  const hub::Candidate candidate = hub::examine(sealed.octets, "commerce-01", provider.directory);
  const double counted = cpu_seconds([&] {
    for (int i = 0; i < batches; ++i) candidate.batch->count_rows();
  });
  hub::Log log(dir / "log", {});
  hub::StreamRecord stream;
  stream.stream = provider.header.stream;
  const auto store = [&](bool with_ledger) {
    return cpu_seconds([&] {
      for (int i = 0; i < batches; ++i) {
        hub::LogWrite write = log.write();
        ++provider.header.position.sequence;
        write.append(stream, provider.header, sealed.digest, sealed.octets);
        if (with_ledger) write.count(stream, {20'000, stream.stream, "commerce", false, 1, candidate.rows});
        write.commit();
      }
    });
  };
  const double plain = store(false);
  const double with_ledger = store(true);
  const double each = 1e6 / batches;
  std::printf(
      "batch of %zu rows, %zu octets: examined %.0f us of CPU, of that rows counted %.1f; stored %.0f, with the "
      "ledger %.0f\n",
      rows, sealed.octets.size(), examined * each, counted * each, plain * each, with_ledger * each);
  std::printf("the ledger's part of accepting: %.2f %%\n",
              100 * (counted + with_ledger - plain) / (examined + with_ledger));
}

void measure_trail(const test::TempDir& dir, int entries) {
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  registry::Registry registry(dir / "registry", DigestSuite::sha256, clock);
  const audit::Entry entry{{audit::ActorKind::operator_, "li"}, "grant.add", "grant g-17", "", "税源监控", "条例第十条",
                           {{"topic", "commerce.firms"}}};
  const int single = entries / 100;
  const double alone = cpu_seconds([&] {
    for (int i = 0; i < single; ++i) registry.note(entry);
  });
  const double together = cpu_seconds([&] {
    registry.work([&](sqlite::Database& database) {
      for (int i = 0; i < entries; ++i) audit::append(database, DigestSuite::sha256, entry, clock.now());
      audit::sign_trail(database, key, clock.now());
    });
  });
  std::printf("audit: %.0f entries a CPU-second one by one, %.0f in one commit\n", single / alone, entries / together);
  audit::EvidenceWriter out(dir / std::string(audit::entries_name));
  audit::EvidenceWriter checkpoints(dir / std::string(audit::checkpoints_name));
  registry.work([&](sqlite::Database& database) {
    auto row = database.prepare("SELECT body FROM audit ORDER BY sequence");
    while (row.step()) out.add(row.view(0));
    auto signed_row = database.prepare("SELECT octets FROM checkpoint");
    while (signed_row.step()) checkpoints.add(signed_row.view(0));
  });
  out.finish();
  checkpoints.finish();
  Directory trust;
  trust.hub_key = key.record();
  seal::VerifyReport report;
  const double verified = cpu_seconds([&] {
    seal::KeyHistory keys(key.record());
    keys.walk(audit::roots_below(dir.path()));
    audit::verify_evidence(dir.path(), trust, keys, report);
  });
  std::printf("verify: %.0f entries a CPU-second (%zu)\n", static_cast<double>(report.entries) / verified,
              report.entries);
}

}  // namespace

int main() {
  const test::TempDir dir;
  measure_ledger(dir, 3'000, 500);
  measure_trail(dir, 100'000);
  return 0;
}
