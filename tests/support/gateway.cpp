#include "tests/support/gateway.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace qianzhi::test {

Bytes octets_in(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_octets(const std::filesystem::path& file, std::string_view octets) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

Gateway::Gateway(std::vector<std::pair<Path, Path>> ways, std::uint64_t seed, GatewayFaults faults)
    : ways_(std::move(ways)), engine_(seed), faults_(faults) {}

void Gateway::collect(const Path& file, const Path& to, Micros now) {
  Bytes octets = octets_in(file);
  std::filesystem::remove(file);
  if (octets.empty()) return;
  ++files_;
  octets_ += octets.size();
  for (const std::string& needle : needles_)
    if (octets.find(needle) != Bytes::npos) found_ = needle;
  if (keeps_) carried_.push_back({to / file.filename(), octets});
  const auto due = [&] { return now + (faults_.delay == 0 ? 0 : static_cast<Micros>(engine_()) % faults_.delay); };
  const auto load = [&](const Bytes& what, std::size_t size, Micros when) {
    loads_.push_back({to / file.filename(), what, size, when});
  };
  if (chance(faults_.lost)) {
    ++damaged_;
    return;
  }
  if (chance(faults_.changed)) {
    ++damaged_;
    Bytes changed = octets;
    changed[engine_() % changed.size()] ^= 0x20;
    return load(changed, changed.size(), due());
  }
  const Micros first = std::max(now, due());
  if (chance(faults_.cut)) {
    ++damaged_;
    return load(octets, engine_() % octets.size(), first);
  }
  if (chance(faults_.pieces)) load(octets, engine_() % octets.size(), first - 1);
  load(octets, octets.size(), first);
  if (chance(faults_.twice)) load(octets, octets.size(), first + std::max<Micros>(1, faults_.delay));
}

void Gateway::turn(Micros now) {
  for (const auto& [from, to] : ways_)
    for (const std::string& name : names_in(from))
      if (name.front() != '.' && name != "reject") collect(from / name, to, now);
  std::stable_sort(loads_.begin(), loads_.end(), [](const Load& a, const Load& b) { return a.due < b.due; });
  std::size_t done = 0;
  for (; done < loads_.size() && loads_[done].due <= now; ++done) {
    write_octets(loads_[done].to, std::string_view(loads_[done].octets).substr(0, loads_[done].size));
    // The next piece of one file comes with the next turn.
    if (loads_[done].size != loads_[done].octets.size()) {
      ++done;
      break;
    }
  }
  loads_.erase(loads_.begin(), loads_.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace qianzhi::test
