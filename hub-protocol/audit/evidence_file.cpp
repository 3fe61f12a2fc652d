#include "hub-protocol/audit/evidence_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "hub-protocol/base/error.h"

namespace qianzhi::audit {

namespace {

constexpr std::string_view magic = "QZEVID1\n";
constexpr std::size_t most_octets = 16U << 20U;

std::ofstream create_new(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) throw Error(ErrorKind::misuse, "QZ-HUB-241", file.string());
  ::close(descriptor);
  return std::ofstream(file, std::ios::binary);
}

[[noreturn]] void malformed(const std::filesystem::path& file, const char* what) {
  throw Error(ErrorKind::corrupt, "QZ-SEAL-086", file.filename().string() + ": " + what);
}

}  // namespace

EvidenceWriter::EvidenceWriter(std::filesystem::path file) : file_(std::move(file)), out_(create_new(file_)) {
  out_ << magic;
}

void EvidenceWriter::add(std::string_view record) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out_.put(static_cast<char>(record.size() >> static_cast<unsigned>(shift)));
  out_.write(record.data(), static_cast<std::streamsize>(record.size()));
}

void EvidenceWriter::finish() {
  out_.close();
  const int descriptor = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!out_ || !synced) throw Error(ErrorKind::misuse, "QZ-HUB-241", file_.string());
}

void read_evidence(const std::filesystem::path& file, const std::function<void(std::string_view)>& visit) {
  std::error_code failed;
  std::ifstream in(file, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(file, failed))
    throw Error(ErrorKind::unavailable, "QZ-SEAL-056", file.string());
  Bytes octets(magic.size(), '\0');
  if (!in.read(octets.data(), static_cast<std::streamsize>(octets.size())) || octets != magic)
    malformed(file, "not evidence");
  char length[4];
  while (in.read(length, sizeof length)) {
    std::size_t size = 0;
    for (const char octet : length) size = size << 8U | static_cast<unsigned char>(octet);
    if (size > most_octets) malformed(file, "a record is too large");
    octets.resize(size);
    if (!in.read(octets.data(), static_cast<std::streamsize>(size))) malformed(file, "it ends early");
    visit(octets);
  }
  if (in.gcount() != 0) malformed(file, "it ends early");
}

}  // namespace qianzhi::audit
