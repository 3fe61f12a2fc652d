// Feeds files, and seeded mutations of each, to a fuzz target without libFuzzer: the regression test on every
// compiler. Usage: PROGRAM MUTATIONS FILE|DIR...
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void feed(const std::string& octets) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
}

std::string mutated(std::string octets, std::minstd_rand& random) {
  for (std::size_t changes = 1 + random() % 4; changes > 0 && !octets.empty(); --changes) {
    const std::size_t place = random() % octets.size();
    switch (random() % 4) {
      case 0: octets[place] = static_cast<char>(random() % 256); break;
      case 1: octets[place] = static_cast<char>(octets[place] ^ (1 << random() % 8)); break;
      case 2: octets.erase(place, 1 + random() % 8); break;
      default: octets.insert(place, octets.substr(random() % octets.size(), 1 + random() % 16));
    }
  }
  return octets;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 5;
  const unsigned long mutations = std::strtoul(argv[1], nullptr, 10);
  std::vector<fs::path> files;
  for (int i = 2; i < argc; ++i) {
    if (fs::is_regular_file(argv[i])) files.emplace_back(argv[i]);
    if (!fs::is_directory(argv[i])) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(argv[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::minstd_rand random(20'261'121);
  for (const fs::path& file : files) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    feed(text.str());
    for (unsigned long i = 0; i < mutations; ++i) feed(mutated(text.str(), random));
  }
  std::printf("%zu files, %lu mutations of each\n", files.size(), mutations);
  return files.empty() ? 1 : 0;
}
