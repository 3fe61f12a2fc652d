// The table that lookups are asked about in every contract test, and how they are asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "tests/contract/fixture.h"

namespace qianzhi::test::contract {

// id, code, name, issued, amount, kind; an index on code, none on name. Rows 1 to 5.
void install_licences(Fixture& fixture);

// Statements: 0 by code, 1 by id, 2 by code and issued, 3 by amount, 4 by kind, 5 by issued, 6 a text by code and least
// amount.
adapter::LookupSpec licence_spec(Fixture& fixture);
adapter::LookupSpec text_spec(Fixture& fixture, const std::string& text, const std::vector<std::string>& parameters,
                              const std::vector<std::string>& columns);

// One parameter's values; "<null>" is null.
Column column_of(const std::vector<std::string>& values);

// "question: value|value", one for each row.
std::vector<std::string> rows_of(const adapter::Found& found);

// Asks one question after the other that has one parameter.
std::vector<std::string> ask(adapter::Lookup& lookup, std::size_t statement, const std::vector<std::string>& values);

bool has_lookup(Fixture& fixture);

}  // namespace qianzhi::test::contract
