# SPDX-License-Identifier: BSD-3-Clause
"""The public API as Doxygen's XML describes it, and a check that all of it is documented.

    api.py XML_DIR EXPORTS      EXPORTS: the version script of the library

Doxygen lets some gaps pass: it never asks for a result of some kinds of functions, for the direction
of a parameter, or for a description behind a @retval, and it does not know what the library exports.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

# Every function says this about itself, or refers to another that does.
NOTES = ("Threads", "Fork")


def text_of(node):
    return "" if node is None else " ".join("".join(node.itertext()).split())


class Entity:
    """A function, macro, type, field or value with its documentation."""

    def __init__(self, node, header):
        self.node = node
        self.header = header
        self.kind = node.get("kind") or node.tag
        self.id = node.get("id")
        self.name = node.findtext("name") or node.findtext("compoundname")
        self.brief = node.find("briefdescription")
        self.detail = node.find("detaileddescription")
        self.type = text_of(node.find("type"))
        self.members = []

    def documented(self):
        return bool(text_of(self.brief) or text_of(self.detail))

    def parameters(self):
        """(name, type) of each parameter, in order."""
        names = []
        for param in self.node.findall("param"):
            name = param.findtext("declname") or param.findtext("defname") or ""
            if name:
                names.append((name, text_of(param.find("type"))))
        return names

    def lists(self, kind):
        """(names, direction, description) of each item of the parameter lists of this kind."""
        found = []
        for listing in self.detail.iter("parameterlist"):
            if listing.get("kind") == kind:
                for item in listing.findall("parameteritem"):
                    names = list(item.iter("parametername"))
                    found.append(([text_of(name) for name in names], names[0].get("direction"),
                                  item.find("parameterdescription")))
        return found

    def sections(self, kind):
        return [section for section in self.detail.iter("simplesect") if section.get("kind") == kind]

    def note(self, title):
        for section in self.sections("par"):
            if section.findtext("title") == title:
                return section
        return None


class Api:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.headers = []
        self.functions = []
        self.structures = []
        self.compounds = []
        self.by_id = {}
        for compound in ElementTree.parse(self.directory / "index.xml").getroot().iter("compound"):
            if compound.get("kind") in ("file", "namespace", "struct", "class"):
                self._load(compound.get("refid"))

    def _load(self, refid):
        node = ElementTree.parse(self.directory / f"{refid}.xml").getroot().find("compounddef")
        kind = node.get("kind")
        if kind == "file" and not node.findtext("compoundname").endswith((".h", ".hpp")):
            return
        header = pathlib.PurePath(node.find("location").get("file")).name
        compound = Entity(node, header)
        self.compounds.append(compound)
        self.by_id[compound.id] = compound
        for member in node.iter("memberdef"):
            if member.get("prot") == "private":
                continue
            entity = Entity(member, header)
            entity.members = [Entity(value, header) for value in member.findall("enumvalue")]
            compound.members.append(entity)
            self.by_id[entity.id] = entity
            if entity.kind == "function":
                self.functions.append(entity)
        if kind == "file":
            self.headers.append(compound)
        elif kind in ("struct", "class"):
            self.structures.append(compound)


def is_c(entity):
    return entity.header.endswith(".h")


def gaps_of_function(function, inherits):
    """What the documentation of one function or function-like macro lacks."""
    documented = {}
    for names, direction, description in function.lists("param"):
        for name in names:
            documented[name] = (direction, text_of(description))
    for name, _ in function.parameters():
        direction, text = documented.get(name, (None, ""))
        if not text:
            yield f"parameter {name} is not documented"
        elif not direction:
            yield f"parameter {name} has no direction: @param[in], [out] or [in,out]"
    for name in documented.keys() - {name for name, _ in function.parameters()}:
        yield f"there is no parameter {name}"

    results = function.lists("retval")
    returns = [section for section in function.sections("return") if text_of(section)]
    for names, _, description in results:
        if not text_of(description):
            yield f"@retval {' '.join(names)} says nothing"
    if function.kind == "function" and function.type not in ("", "void", "constexpr", "void constexpr"):
        if not returns and not results:
            yield "the result is not documented"
    elif function.kind == "function" and (returns or results):
        yield "it has no result, but one is documented"
    if inherits:
        for title in NOTES:
            note = function.note(title)
            if note is None or len(text_of(note)) <= len(title):
                yield f'"@par {title}" is missing'


def gaps(api, exports):
    """(entity, what is missing) of everything public."""
    for compound in api.compounds:
        if not text_of(compound.brief):
            yield compound, "@brief is missing"
        for entity in [compound] + compound.members:
            if re.search(r"\w\. [A-Z]", text_of(entity.brief)):
                yield entity, "@brief is more than one sentence"
        for entity in compound.members:
            short = entity.kind == "variable" or entity.kind == "define" or entity.kind == "typedef"
            if not entity.documented() or (not short and not text_of(entity.brief)):
                yield entity, "it is not documented" if not entity.documented() else "@brief is missing"
            for value in entity.members:
                if not value.documented():
                    yield value, "it is not documented"
            takes = entity.kind == "define" and entity.node.find("param") is not None
            if entity.kind == "function" or takes:
                for gap in gaps_of_function(entity, entity.kind == "function" and is_c(entity)):
                    yield entity, gap
    known = {function.name for function in api.functions}
    for name in sorted(exports - known):
        yield None, f"{name}: the library exports it, but no header declares it"


def exported(version_script):
    return set(re.findall(r"^\s+(\w+);$", pathlib.Path(version_script).read_text(), re.MULTILINE))


def main():
    directory, version_script = sys.argv[1:]
    found = [f"{entity.header}: {entity.name}: {gap}" if entity else gap
             for entity, gap in gaps(Api(directory), exported(version_script))]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
