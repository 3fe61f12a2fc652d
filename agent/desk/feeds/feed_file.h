// A file that appears whole: written beside its place, synced, then renamed. Internal to this folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "agent/desk/outlets/sha256.h"

namespace qianzhi::desk {

class FeedFile {
 public:
  // Nothing is at its place before publish(). Throws Error(unavailable, QZ-DSK-153).
  explicit FeedFile(std::filesystem::path place);
  ~FeedFile();
  FeedFile(const FeedFile&) = delete;
  FeedFile& operator=(const FeedFile&) = delete;

  void write(std::string_view text);
  // On stable storage and at its place. Gives the SHA-256 of its octets. Throws as above.
  std::string publish();
  std::string name() const { return place_.filename().string(); }

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path place_;
  std::filesystem::path fresh_;
  std::ofstream out_;
  Sha256Text digest_;
  bool published_ = false;
};

}  // namespace qianzhi::desk
