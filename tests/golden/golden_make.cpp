// Writes the vectors and what is expected of them. Run by hand when a vector is added; those that exist are frozen.
#include <fstream>
#include <iostream>

#include "hub-protocol/seal/verify.h"
#include "tests/golden/golden_parcels.h"

using namespace qianzhi;
using namespace qianzhi::test;

int main() {
  const GoldenKeys keys = golden_keys();
  const std::filesystem::path folder = golden_folder() / "vectors";
  for (const auto& [name, octets] : make_vectors(keys)) {
    std::filesystem::create_directories((folder / name).parent_path());
    if (!std::filesystem::exists(folder / name)) std::ofstream(folder / name, std::ios::binary) << octets;
    if (name.starts_with("good/")) std::cout << name << "\n" << describe(octets) << "\n";
    if (!name.ends_with(".qzb")) continue;
    const seal::VerifyReport report = seal::verify_files(folder / name, golden_trust(keys));
    std::cerr << name << " " << static_cast<int>(report.verdict);
    for (const seal::Finding& finding : report.findings) std::cerr << " " << finding.code;
    std::cerr << "\n";
  }
  std::ofstream text(golden_folder() / "parcels.txt", std::ios::binary | std::ios::trunc);
  // Twice: answers name the frozen request.
  for (int turn = 0; turn < 2; ++turn)
    for (const auto& [name, octets] : make_parcels()) {
      const std::filesystem::path file = golden_folder() / "parcels" / name;
      std::filesystem::create_directories(file.parent_path());
      const bool is_reply = !name.ends_with("ask.qzp");
      if (!std::filesystem::exists(file) && (turn == 1 || !is_reply)) std::ofstream(file, std::ios::binary) << octets;
      if (turn == 1) text << describe_parcel(name, read_golden("parcels/" + name));
    }
}
