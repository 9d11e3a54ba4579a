# SPDX-License-Identifier: BSD-3-Clause
# Drawings of the documents, made from text. They are kept in the repository, so only someone who
# changes a drawing needs Graphviz (docs/packages.txt).

.PHONY: drawings
drawings:
	@scripts/install-packages docs/packages.txt
	@$(MAKE) --no-print-directory docs/architecture/system.svg docs/sections.svg

# The licence goes behind the XML declaration, where scripts/lint spdx looks for it.
docs/%.svg: docs/%.dot
	dot -Tsvg $< | sed '1a <!-- SPDX-License-Identifier: BSD-3-Clause -->' >$@

.PHONY: install-documents uninstall-documents
install-documents:
	install -d $(DESTDIR)$(DOCDIR)/LICENSES
	install -m 644 README.md CHANGELOG.md $(wildcard docs/*.md) $(DESTDIR)$(DOCDIR)/
	install -m 644 LICENSES/* $(DESTDIR)$(DOCDIR)/LICENSES/

# The whole folder, with the examples and the reference, whose removal reads a list in it.
uninstall-documents: uninstall-reference
	rm -rf $(DESTDIR)$(DOCDIR)

INSTALL_TARGETS += install-documents
UNINSTALL_TARGETS += uninstall-documents
