// Writes workbooks for the contract of the XLSX adapter: ECMA-376, one sheet, in a ZIP file whose parts are not packed.
#pragma once

#include <string>
#include <vector>

#include "tests/contract/fixture.h"

namespace qianzhi::test::contract {

// The octets of a workbook with one sheet. "<null>" is an empty cell; texts stand in the cells of every other column
// and among the shared texts for the columns between. Texts hold no control characters but line ends and tabs.
std::string workbook_of(const std::string& sheet, const std::vector<std::string>& header, const Rows& rows);

}  // namespace qianzhi::test::contract
