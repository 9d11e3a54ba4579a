// SPDX-License-Identifier: BSD-3-Clause
// Table: rows of text in aligned columns.
#ifndef QAE_TOOLS_QAECTL_TABLE_H
#define QAE_TOOLS_QAECTL_TABLE_H

#include <cstdint>
#include <string>
#include <vector>

namespace qaectl {

enum class Align { left, right };

struct Column {
    std::string title;
    Align align = Align::left;
};

// A cell with a number.
std::string number(std::uint64_t value);

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // Adds a row with one cell for each column. Control characters are escaped, and an empty cell shows as
    // "-".
    void add(std::vector<std::string> cells);

    // Prints the titles and all rows to stdout.
    void print() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_TABLE_H
