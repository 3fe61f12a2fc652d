// Rows for the demonstration: an initial load of any size with the proportions of the Hangzhou exchange (mission S1.6)
// and, after it, an endless sequence of believable transactions. The same seed gives the same statements everywhere.
// It knows no database: whoever calls it runs the statements. Names, people and codes are invented; check digits hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/schema.h"

namespace qianzhi::demo {

struct City;

// Of 2,757 new firms 651 have no tax registration and 270 no organisation code; scaled and rounded for other sizes.
// A firm is registered at both tax bureaus or at neither.
struct Proportions {
  std::size_t firms = 0;
  std::size_t without_tax = 0;
  std::size_t without_code = 0;
  // Registered firms that a tax bureau knows under another name than commerce does (S1.8: 7.0 % and 6.2 %).
  std::size_t national_differs = 0;
  std::size_t local_differs = 0;
};
Proportions proportions_of(std::size_t firms);

// One transaction of one department.
struct Change {
  std::string title;  // what happened, for people: "开业登记 杭州华江贸易有限公司"
  std::vector<Statement> statements;
};

using Sink = std::function<void(const Statement&)>;

// Keeps some 40 octets a firm. Not thread-safe. One generator serves all departments, so that they speak of the same
// firms: a change of one follows from what the others did before it.
class Generator {
 public:
  explicit Generator(std::uint64_t seed, std::size_t firms = 2757);
  ~Generator();
  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;

  Proportions proportions() const;

  // Every row of the department, table by table in catalogue order. Only before the first change.
  void load(Provider department, const Sink& sink) const;

  // The next transaction; each changes at least one row.
  Change next_live_change(Provider department);

  // At commerce: a new firm whose postal code holds letters. Its topic sets it aside; nothing else stops.
  Change faulty_change();

 private:
  std::unique_ptr<City> city_;
};

}  // namespace qianzhi::demo
