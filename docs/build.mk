# SPDX-License-Identifier: BSD-3-Clause
# Drawings of the documents, made from text. They are kept in the repository, so only someone who
# changes a drawing needs Graphviz (docs/packages.txt).

.PHONY: drawings
drawings:
	@scripts/install-packages docs/packages.txt
	@$(MAKE) --no-print-directory docs/architecture/system.svg

# The licence goes behind the XML declaration, where scripts/lint spdx looks for it.
docs/%.svg: docs/%.dot
	dot -Tsvg $< | sed '1a <!-- SPDX-License-Identifier: BSD-3-Clause -->' >$@
