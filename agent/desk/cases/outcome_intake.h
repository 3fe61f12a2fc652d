// Outcomes that the department's own system writes into a table (or that come back as a topic): each row is applied
// once, a row that changed is applied again. What cannot be applied is set aside in case_rejected with its reason and
// tried again at every run, because its case may only be on its way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/desk/cases/case_book.h"
#include "agent/desk/data/table.h"

namespace qianzhi::desk {

struct IntakeCounts {
  std::int64_t applied = 0;
  std::int64_t rejected = 0;
};

// One thread.
class OutcomeIntake {
 public:
  // Throws Error(misuse, QZ-DSK-108) for a table or an item that is not there.
  OutcomeIntake(CaseBook& book, const std::map<std::string, Table>& tables);

  IntakeCounts run_once(Micros now);

 private:
  struct Source {
    std::string rule;
    std::string name;  // in case_intake
    std::string fill;  // finds the rows that were not applied
  };
  struct Row {
    std::int64_t number = 0;
    std::string key;
    std::string content;
    std::string file;
    std::string subject;
    std::string party;
    std::string code;
    std::string person;
    std::string time;
    std::string note;
  };
  std::vector<Row> take(std::int64_t after);
  CaseFile file_for(const Source& source, const Row& row);
  void apply(const Source& source, const Row& row, Micros now);
  bool take_in(const Source& source, const Row& row, Micros now);

  CaseBook& book_;
  std::vector<Source> sources_;
};

}  // namespace qianzhi::desk
