#include "hub-protocol/model/rows.h"

#include <limits>

#include "hub-protocol/base/error.h"

namespace qianzhi {

void Column::add(Presence presence, std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max() - data_.size())
    throw Error(ErrorKind::full, "QZ-BASE-004", "a column chunk of more than 4 GiB");
  data_.append(text);
  presence_.push_back(presence);
  ends_.push_back(static_cast<std::uint32_t>(data_.size()));
}

void Column::append_range(const Column& other, std::size_t begin, std::size_t end) {
  if (begin == end) return;
  const std::uint32_t from = begin == 0 ? 0 : other.ends_[begin - 1];
  const std::uint32_t octets = other.ends_[end - 1] - from;
  if (octets > std::numeric_limits<std::uint32_t>::max() - data_.size())
    throw Error(ErrorKind::full, "QZ-BASE-004", "a column chunk of more than 4 GiB");
  const auto start = static_cast<std::uint32_t>(data_.size());
  data_.append(other.data_, from, octets);
  presence_.insert(presence_.end(), other.presence_.begin() + static_cast<std::ptrdiff_t>(begin),
                   other.presence_.begin() + static_cast<std::ptrdiff_t>(end));
  for (std::size_t row = begin; row < end; ++row) ends_.push_back(other.ends_[row] - from + start);
}

std::string_view Column::text(std::size_t row) const {
  const std::uint32_t begin = row == 0 ? 0 : ends_[row - 1];
  return std::string_view(data_).substr(begin, ends_[row] - begin);
}

void Column::reserve(std::size_t rows, std::size_t octets) {
  presence_.reserve(rows);
  ends_.reserve(rows);
  data_.reserve(octets);
}

void Column::clear() {
  presence_.clear();
  ends_.clear();
  data_.clear();
}

}  // namespace qianzhi
