// Everything that the desk's pages answer from, opened as desk.yaml says.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/judge.h"
#include "agent/desk/serve/service.h"

namespace qianzhi::desk {

class ServedDesk {
 public:
  // What is wrong with the configuration is told on standard error, then is_open() is false. Throws what the parts
  // throw. clock and random must outlive it.
  ServedDesk(const std::filesystem::path& config, Random& random, const Clock& clock);

  bool is_open() const { return service_.has_value(); }
  const DeskFile& file() const { return file_; }
  serve::Service& service() { return *service_; }
  // Once in a while: days off as they are now, and the index of lookups. Throws what the database throws.
  void turn();
  // "https://127.0.0.1:8095/"
  std::string address() const;

 private:
  void open(Random& random, const Clock& clock);

  DeskFile file_;
  std::optional<lookup::LookupConfig> lookup_config_;
  // A connection for each room.
  std::optional<DeskStore> store_;
  std::optional<DeskStore> report_store_;
  std::optional<DeskStore> lookup_store_;
  std::optional<Judge> judge_;
  std::optional<serve::CaseRoom> cases_;
  std::optional<serve::ReportRoom> reports_;
  std::optional<serve::LookupRoom> lookup_;
  std::optional<serve::Service> service_;  // last: it ends before what it answers from
};

}  // namespace qianzhi::desk
