// A gateway that carries files between two pairs of folders, and what one does to them: it loses some, brings some
// twice, late, out of order, or in two pieces.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::test {

struct GatewayFaults {
  unsigned lost = 0;  // percent of the files
  unsigned twice = 0;
  unsigned pieces = 0;
  unsigned cut = 0;      // only a part ever comes
  unsigned changed = 0;  // an octet is another one
  Micros delay = 0;      // longest way, which differs from file to file
};

class Gateway {
 public:
  using Path = std::filesystem::path;

  // Files of each first folder go to the second one.
  Gateway(std::vector<std::pair<Path, Path>> ways, std::uint64_t seed, GatewayFaults faults = {});

  // Collects what is there and delivers what is due.
  void turn(Micros now);

  void set_faults(const GatewayFaults& faults) { faults_ = faults; }
  // What passed: must hold nothing that is readable.
  void seek(std::vector<std::string> needles) { needles_ = std::move(needles); }
  const std::string& found() const { return found_; }
  std::size_t files() const { return files_; }
  std::uint64_t octets() const { return octets_; }
  std::size_t damaged() const { return damaged_; }
  // Every file that ever passed, by the folder it goes to: for replays.
  struct Carried {
    Path to;
    Bytes octets;
  };
  const std::vector<Carried>& carried() const { return carried_; }
  void keep_all() { keeps_ = true; }

 private:
  struct Load {
    Path to;
    Bytes octets;
    std::size_t size = 0;  // of the first so many octets
    Micros due = 0;
  };
  void collect(const Path& file, const Path& to, Micros now);
  bool chance(unsigned percent) { return engine_() % 100 < percent; }

  std::vector<std::pair<Path, Path>> ways_;
  std::mt19937_64 engine_;
  GatewayFaults faults_;
  std::vector<Load> loads_;
  std::vector<std::string> needles_;
  std::string found_;
  std::vector<Carried> carried_;
  bool keeps_ = false;
  std::size_t files_ = 0;
  std::size_t damaged_ = 0;
  std::uint64_t octets_ = 0;
};

// A whole file, and a file written in one go as a careless gateway does.
Bytes octets_in(const std::filesystem::path& file);
void write_octets(const std::filesystem::path& file, std::string_view octets);
std::vector<std::string> names_in(const std::filesystem::path& folder);

}  // namespace qianzhi::test
