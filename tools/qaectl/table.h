// SPDX-License-Identifier: BSD-3-Clause
// Table: rows of words in aligned columns.
#ifndef QAE_TOOLS_QAECTL_TABLE_H
#define QAE_TOOLS_QAECTL_TABLE_H

#include <string>
#include <vector>

namespace qaectl {

enum class Align { left, right };

struct Column {
    std::string title;
    Align align = Align::left;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // One cell for each column. Control characters are escaped, an empty cell shows as "-".
    void add(std::vector<std::string> cells);

    // To stdout: the titles and all rows.
    void print() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_TABLE_H
