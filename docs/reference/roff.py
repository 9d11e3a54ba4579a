# SPDX-License-Identifier: BSD-3-Clause
"""Doxygen's XML of a documentation comment, as lines for man(7)."""

import re

SECTION = "3"


def escape(text):
    text = text.replace("\\", "\\e").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"(?<![\w])-(?=[\w-])", r"\\-", text)


def bold(text):
    return f"\\fB\\%{escape(text)}\\fP"


def italic(text):
    return f"\\fI\\%{escape(text)}\\fP"


def page_of(name):
    return f"\\fB\\%{escape(name)}\\fP({SECTION})"


def line(text):
    """A line of running text: one that begins like a request must not be taken for one."""
    text = " ".join(text.split())
    return f"\\&{text}" if text.startswith((".", "'")) else text


class Converter:
    """Turns nodes into lines; @pages: entities by id that have a page, which collects what was mentioned."""

    def __init__(self, pages, italics=()):
        self.pages = pages
        self.italics = set(italics)
        self.mentioned = []

    def _code(self, node):
        text = "".join(node.itertext())
        return italic(text) if text.strip("*") in self.italics else bold(text)

    def _reference(self, node):
        text = "".join(node.itertext())
        page = self.pages.get(node.get("refid"))
        if page is None:
            return bold(text)
        if page not in self.mentioned:
            self.mentioned.append(page)
        return page_of(page)

    def inline(self, node):
        """The text of a node without its blocks."""
        text = escape(node.text or "")
        for child in node:
            if child.tag == "ref":
                text += self._reference(child)
            elif child.tag == "computeroutput":
                text += self._code(child)
            elif child.tag in ("bold", "emphasis"):
                text += italic("".join(child.itertext()))
            elif child.tag not in BLOCKS and child.tag != "anchor":
                raise ValueError(f"no form for <{child.tag}>")
            text += escape(child.tail or "")
        return text

    def flat(self, node):
        """Paragraphs of a short description in one."""
        return line(" ".join(self.inline(para) for para in node.iter("para")))

    def paragraphs(self, node):
        """Lines of a longer description: paragraphs, lists, examples and tables."""
        lines = []
        for para in node.findall("para"):
            text = line(self.inline(para))
            if text:
                lines += [".PP", text]
            for child in para:
                if child.tag in ("itemizedlist", "programlisting", "table"):
                    lines += getattr(self, "_" + child.tag)(child)
        return lines

    def _itemizedlist(self, node):
        lines = []
        for item in node.findall("listitem"):
            para = item.find("para")
            first = para.find("computeroutput")
            if first is not None and not (para.text or "").strip() and not (first.tail or "").startswith(","):
                tag, tail = bold("".join(first.itertext())), first.tail
                para.remove(first)
                para.text = tail
                lines += [".TP", tag, self.flat(item)]
            else:
                lines += [".IP \\(bu 2", self.flat(item)]
        return lines

    def _programlisting(self, node):
        lines = [".PP", ".in +4n", ".EX"]
        for codeline in node.iter("codeline"):
            lines.append(escape(code_of(codeline)) or ".sp")
        return lines + [".EE", ".in"]

    def _table(self, node):
        lines = []
        for row in node.findall("row"):
            cells = row.findall("entry")
            if cells[0].get("thead") != "yes":
                lines += [".TP", self.flat(cells[0]), self.flat(cells[1])]
        return lines


BLOCKS = ("itemizedlist", "programlisting", "table", "parameterlist", "simplesect")


def code_of(node):
    text = node.text or ""
    for child in node:
        text += " " if child.tag == "sp" else code_of(child)
        text += child.tail or ""
    return text
