// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "common/text.h"

namespace qaectl {
namespace {

// Counts characters, not bytes, because names may be UTF-8.
std::size_t width(const std::string &text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

std::string number(std::uint64_t value) { return fmt::format("{}", value); }

void Table::add(std::vector<std::string> cells) {
    for (std::string &cell : cells) {
        cell = cell.empty() ? std::string("-") : qae::printable(cell, 256);
    }
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

void Table::print() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = width(columns_[i].title);
        for (const auto &row : rows_) {
            widest = std::max(widest, width(row[i]));
        }
        widths.push_back(widest);
    }
    const auto line = [&](const auto &cell_at) {
        std::string text;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string &cell = cell_at(i);
            const std::string pad(widths[i] - width(cell), ' ');
            text += columns_[i].align == Align::right ? pad + cell : cell + pad;
            text += "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        fmt::print("{}\n", text);
    };
    line([&](std::size_t i) -> const std::string & { return columns_[i].title; });
    for (const auto &row : rows_) {
        line([&](std::size_t i) -> const std::string & { return row[i]; });
    }
}

} // namespace qaectl
