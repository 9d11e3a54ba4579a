# SPDX-License-Identifier: BSD-3-Clause
# The reference of the public headers: manual pages of section 3, and HTML. It is built where Doxygen
# and Python are, and installed if it was built.

REFERENCE := $(BUILD)/reference
REFERENCE_STAMP := $(REFERENCE)/stamp
REFERENCE_TOOLS := $(and $(shell command -v doxygen),$(shell command -v python3))
REFERENCE_SOURCES := dkms.conf docs/reference/Doxyfile docs/reference/overview.md $(wildcard docs/reference/*.py) \
	$(wildcard lib/include/*.h lib/include/*.hpp lib/include/*/*.h)
REFERENCE_BUILT := $(or $(REFERENCE_TOOLS),$(wildcard $(REFERENCE_STAMP)))

REFERENCE_MAN_DIR = $(DESTDIR)$(PREFIX)/share/man/man3
REFERENCE_HTML_DIR = $(DESTDIR)$(DOCDIR)/reference

.PHONY: reference install-reference uninstall-reference
reference: $(REFERENCE_STAMP)

$(REFERENCE_STAMP): $(REFERENCE_SOURCES)
	@command -v doxygen >/dev/null && command -v python3 >/dev/null || \
		{ echo 'make reference needs doxygen and python3: scripts/install-packages check' >&2; exit 1; }
	@rm -rf $(REFERENCE) && mkdir -p $(REFERENCE)
	(cat docs/reference/Doxyfile; echo 'PROJECT_NUMBER = $(QAT_USER_VERSION)'; \
		echo 'OUTPUT_DIRECTORY = $(REFERENCE)') | doxygen -
	python3 -B docs/reference/man_pages.py $(REFERENCE)/xml $(QAT_USER_VERSION) $(REFERENCE)/man/man3
	@ls $(REFERENCE)/man/man3 > $(REFERENCE)/html/man-pages.txt
	@touch $@

# man-pages.txt goes with the HTML. Uninstall removes what it lists, because the sources may have other headers
# by then.
install-reference: $(if $(REFERENCE_TOOLS),$(REFERENCE_STAMP))
ifeq ($(REFERENCE_BUILT),)
	@echo 'The reference (man pages of section 3, HTML) is not installed: building it needs doxygen and python3.'
else
	install -d $(REFERENCE_MAN_DIR) $(REFERENCE_HTML_DIR)
	install -m 644 $(REFERENCE)/man/man3/* $(REFERENCE_MAN_DIR)/
	cp -R $(REFERENCE)/html/. $(REFERENCE_HTML_DIR)/
	chmod -R u=rwX,go=rX $(REFERENCE_HTML_DIR)
endif

uninstall-reference:
	[ ! -f $(REFERENCE_HTML_DIR)/man-pages.txt ] || \
		sed 's|/||g' $(REFERENCE_HTML_DIR)/man-pages.txt | \
		while read -r page; do rm -f "$(REFERENCE_MAN_DIR)/$$page"; done
	rm -rf $(REFERENCE_HTML_DIR)

ALL_TARGETS += $(if $(REFERENCE_TOOLS),reference)
INSTALL_TARGETS += install-reference
UNINSTALL_TARGETS += uninstall-reference
