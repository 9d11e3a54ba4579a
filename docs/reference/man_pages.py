# SPDX-License-Identifier: BSD-3-Clause
"""Manual pages of section 3 from Doxygen's XML.

    man_pages.py XML_DIR VERSION OUTPUT_DIR

One page for each C function, each structure and each header, and one that leads to them. Other types
get a page that refers to their header's. Doxygen's own pages are not used: they are one for each
header, and with links one for each field of a structure.
"""

import pathlib
import re
import sys

from api import Api, is_c, text_of
from roff import SECTION, Converter, bold, escape, italic, line, page_of
import xml.etree.ElementTree as ElementTree

OVERVIEW = "libqat_user"
# Whatever else the headers come to declare must not hide a page of the system.
OURS = re.compile(r"(qae|cpa|Cpa|icp_sal_|qat_|libqat_)\w*(\.hpp|\.h)?")
WIDTH = 76


class Pages:
    def __init__(self, api, version, output):
        self.api = api
        self.version = version
        self.output = pathlib.Path(output)
        self.headers = {header.header: header for header in api.headers}
        self.named = {}
        for function in filter(is_c, api.functions):
            self.named[function.id] = function.name
        for structure in filter(is_c, api.structures):
            self.named[structure.id] = structure.name
        for header in api.headers:
            self.named[header.id] = header.header

    def write(self, name, lines):
        if not OURS.fullmatch(name):
            raise ValueError(f"a page {name}({SECTION}) may hide one of the system")
        (self.output / f"{name}.{SECTION}").write_text("\n".join(lines) + "\n")

    def begin(self, name, brief):
        brief = brief.rstrip(".")
        first = brief.split(" ")[0]
        if first[1:].islower() or first == "A":
            brief = brief[0].lower() + brief[1:]
        return ['.\\" SPDX-License-Identifier: BSD-3-Clause',
                f'.TH "{name}" {SECTION} "" "{OVERVIEW} {self.version}" "{OVERVIEW}"',
                ".nh", ".ad l", ".SH NAME", f"{escape(name)} \\- {escape(brief)}"]

    def see_also(self, own, names):
        names = [name for name in dict.fromkeys(names) if name != own]
        return [".SH SEE ALSO", ",\n".join(page_of(name) for name in names)]

    def notes(self, converter, entity, lists=True):
        """The sections after the description, in the order of the comment."""
        lines = []
        for section in entity.sections("par"):
            title = text_of(section.find("title"))
            body = converter.paragraphs(section)
            if body and body[0] == ".PP":
                body = body[1:]
            lines += [f".SH {title.upper()}"]
            if title == "Errors" and lists and body and body[0] == ".TP":
                lines += [f"After a failure {page_of('qaeLastErrno')} returns one of these numbers, and "
                          f"{page_of('qaeLastError')} a sentence with the reason."]
            lines += body
        return lines

    def described(self, converter, entity):
        detail = converter.paragraphs(entity.detail)
        return detail[1:] if detail[:1] == [".PP"] else detail

    def items(self, converter, entity, kind, font):
        lines = []
        for names, _, description in entity.lists(kind):
            lines += [".TP", ", ".join(font(name) for name in names), converter.flat(description)]
        return lines

    def results(self, converter, entity, heading):
        lines = []
        for section in entity.sections("return"):
            lines += [line(sentence(converter.flat(section)))]
        lines += self.items(converter, entity, "retval", bold)
        return [heading] + lines if lines else []

    def prototype(self, function):
        """Result, name and parameters, broken where a line would be too long."""
        head = f"{join_type(function.type)}{function.name}("
        params = [(join_type(kind), name) for name, kind in function.parameters()] or [("void", "")]
        widths = [len(kind + name) for kind, name in params]
        parts = [bold(kind) + (italic(name) if name else "") for kind, name in params]
        if len(head) + sum(widths) + 2 * len(parts) <= WIDTH:
            return [bold(head) + ", ".join(parts) + bold(");")]
        aligned = len(head) + max(widths) + 2 <= WIDTH
        indent = " " * (len(head) if aligned else 8)
        text = bold(head) + ("" if aligned else "\n" + indent) + f",\n{indent}".join(parts) + bold(");")
        return text.split("\n")

    def function(self, function):
        converter = Converter(self.named, [name for name, _ in function.parameters()])
        lines = self.begin(function.name, text_of(function.brief))
        lines += [".SH LIBRARY", f"{OVERVIEW} ({bold('-lqat_user')})"]
        lines += [".SH SYNOPSIS", ".nf", bold(f"#include <{function.header}>"), ".sp"]
        lines += self.prototype(function) + [".fi"]
        lines += [".SH DESCRIPTION", line(converter.inline(function.brief.find("para")))]
        lines += converter.paragraphs(function.detail)
        parameters = self.items(converter, function, "param", italic)
        lines += [".SH PARAMETERS"] + parameters if parameters else []
        lines += self.results(converter, function, ".SH RETURN VALUE")
        lines += self.notes(converter, function)
        structures = [self.named[ref.get("refid")] for param in function.node.findall("param")
                      for ref in param.iter("ref") if ref.get("refid") in self.named]
        self.write(function.name, lines + self.see_also(
            function.name, converter.mentioned + structures + [function.header]))

    def structure(self, structure):
        fields = [field.name for field in structure.members]
        converter = Converter(self.named, fields)
        keyword = "struct " if structure.name.islower() else ""
        lines = self.begin(structure.name, text_of(structure.brief))
        lines += [".SH SYNOPSIS", ".nf", bold(f"#include <{structure.header}>"), ".sp",
                  bold(f"{keyword}{structure.name} {{" if keyword else "typedef struct {")]
        for field in structure.members:
            dimension = field.node.findtext("argsstring") or ""
            lines += ["    " + bold(join_type(field.type)) + italic(field.name) + bold(dimension + ";")]
        lines += [bold("};" if keyword else f"}} {structure.name};"), ".fi"]
        lines += [".SH DESCRIPTION", line(converter.inline(structure.brief.find("para")))]
        lines += converter.paragraphs(structure.detail) + [".SH FIELDS"]
        for field in structure.members:
            lines += [".TP", italic(field.name)] + self.summary(converter, field)
        self.write(structure.name, lines + self.see_also(
            structure.name, converter.mentioned + [structure.header]))

    def summary(self, converter, entity):
        """Brief and longer description in one paragraph, without what is said of parameters."""
        paras = entity.brief.findall("para") + entity.detail.findall("para")
        return [line(" ".join(converter.inline(para) for para in paras))]

    def header(self, header):
        converter = Converter(self.named)
        lines = self.begin(header.header, text_of(header.brief))
        lines += [".SH LIBRARY", f"{OVERVIEW} ({bold('-lqat_user')})"]
        lines += [".SH SYNOPSIS", bold(f"#include <{header.header}>"), ".SH DESCRIPTION"]
        lines += [line(converter.inline(header.brief.find("para")))] + converter.paragraphs(header.detail)
        lines += self.notes(converter, header, lists=False)
        members = [member for compound in self.api.compounds
                   if compound.header == header.header and compound.kind in ("file", "namespace")
                   for member in compound.members]
        if not is_c(header):
            lines += self.cxx(converter, header, members)
        for title, kind in (("FUNCTIONS", "function"), ("TYPES", "typedef"), ("ENUMERATIONS", "enum"),
                            ("MACROS", "define")):
            found = [member for member in members if member.kind == kind] if is_c(header) else []
            lines += [f".SH {title}"] if found else []
            for member in found:
                lines += self.entry(converter, member)
        structures = [entity for entity in self.api.structures if entity.header == header.header]
        if structures and is_c(header):
            lines += [".SH STRUCTURES"]
            for structure in structures:
                lines += [".TP", page_of(structure.name), converter.flat(structure.brief)]
        self.write(header.header, lines + self.see_also(header.header, [OVERVIEW] + converter.mentioned))
        for member in members if is_c(header) else []:
            if member.kind in ("typedef", "enum"):
                self.write(member.name, [f".so man{SECTION}/{header.header}.{SECTION}"])

    def entry(self, converter, member):
        if member.kind == "function":
            return [".TP", page_of(member.name), converter.flat(member.brief)]
        names = [name for name, _ in member.parameters()] if member.kind == "define" else []
        name = bold(member.name) + (bold("(") + ", ".join(map(italic, names)) + bold(")") if names else "")
        lines = [".TP", name] + self.summary(converter, member)
        for value in member.members:
            lines += [".RS", ".TP", bold(value.name)] + self.summary(converter, value) + [".RE"]
        if member.lists("param"):
            lines += [".RS"] + self.items(converter, member, "param", italic)
            lines += self.results(converter, member, ".PP") + [".RE"]
        return lines

    def cxx(self, converter, header, members):
        """All of a C++ header on one page: overloads and members have no pages of their own."""
        lines = [".SH FUNCTIONS AND TYPES"]
        classes = [entity for entity in self.api.structures if entity.header == header.header]
        for entity in classes + [member for member in members if member.kind != "define"]:
            lines += [f".SS {escape(entity.name)}"] + self.declaration(entity)
            lines += self.cxx_text(converter, entity)
            for member in entity.members:
                lines += self.cxx_member(converter, member)
        return lines

    def cxx_member(self, converter, member):
        if member.kind in ("enumvalue", "variable"):
            name = bold(member.name) if member.kind == "enumvalue" else self.declaration(member)[1]
            return [".TP", name] + self.summary(converter, member)
        return [".PP"] + self.declaration(member) + [".RS 4"] + self.cxx_text(converter, member) + [".RE"]

    def declaration(self, entity):
        text = text_of(entity.node.find("definition")) + text_of(entity.node.find("argsstring"))
        types = [text_of(param.find("type")) for param in entity.node.findall("templateparamlist/param")]
        shown = [kind for kind in types if kind.startswith("class")] # not those that only select an overload
        head = [bold(f"template <{', '.join(shown)}>")] if shown else []
        return [".nf"] + head + [bold(text.replace("typedef ", "")), ".fi"] if text or head else []

    def cxx_text(self, converter, entity):
        lines = [line(converter.inline(entity.brief.find("para")))] + converter.paragraphs(entity.detail)
        for kind in ("templateparam", "param"):
            lines += self.items(converter, entity, kind, italic)
        for section in entity.sections("return"):
            lines += [".PP", "Result: " + converter.flat(section)]
        for names, _, description in entity.lists("exception"):
            lines += [".PP", f"Throws {bold(names[0])}: " + converter.flat(description)]
        return lines

    def overview(self):
        page = ElementTree.parse(self.api.directory / "indexpage.xml").getroot().find("compounddef")
        converter = Converter(self.named)
        brief = text_of(page.find("title"))
        lines = self.begin(OVERVIEW, brief)
        lines += [".SH DESCRIPTION"] + converter.paragraphs(page.find("detaileddescription"))[1:]
        self.write(OVERVIEW, lines + [".SH SEE ALSO", "\\fBqaectl\\fP(8), \\fBqat_dev.conf\\fP(5)"])


def join_type(kind):
    kind = re.sub(r"\s+\*", " *", kind)
    return kind if kind.endswith("*") else kind + " "


def sentence(text):
    return text if text.startswith("\\") else text[:1].upper() + text[1:]


def main():
    directory, version, output = sys.argv[1:]
    pages = Pages(Api(directory), version, output)
    pages.output.mkdir(parents=True, exist_ok=True)
    for function in filter(is_c, pages.api.functions):
        pages.function(function)
    for structure in filter(is_c, pages.api.structures):
        pages.structure(structure)
    for header in pages.api.headers:
        pages.header(header)
    pages.overview()


if __name__ == "__main__":
    main()
