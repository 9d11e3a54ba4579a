# SPDX-License-Identifier: BSD-3-Clause
# libqat_user: every source in the folders below becomes part of the shared and of the static library.

# The first number of the version is the version of the ABI.
QAT_USER_VERSION := $(VERSION)
QAT_USER_SONAME := libqat_user.so.$(firstword $(subst ., ,$(VERSION)))

LIB_FOLDERS := api session compression plane mem mem/address mem/source config process common
LIB_OBJS := $(patsubst %.cpp,$(BUILD)/pic/%.o,$(sort $(foreach folder,$(LIB_FOLDERS),$(wildcard lib/$(folder)/*.cpp)))) \
	$(BUILD)/pic/kernel/model/model.o $(BUILD)/pic/kernel/model/layout.o
LIB_SHARED := $(BUILD)/lib/libqat_user.so.$(QAT_USER_VERSION)
LIB_LINKS := $(BUILD)/lib/$(QAT_USER_SONAME) $(BUILD)/lib/libqat_user.so
LIB_STATIC := $(BUILD)/lib/libqat_user.a
LIB_PC := $(BUILD)/lib/pkgconfig/qat_user.pc

# fmt is compiled in, so that applications depend on nothing but the C++ runtime.
$(LIB_OBJS): QAE_CXXFLAGS += -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra -Wconversion -Wshadow
$(LIB_OBJS): QAE_CFLAGS += -fvisibility=hidden
$(LIB_OBJS): QAE_CPPFLAGS += -DFMT_HEADER_ONLY

# Planes are loaded on demand, so that what they link is no dependency of the library. They are in a folder of
# the library's own, where no linker looks.
PLANE_DIR := $(LIBDIR)/qat_user
PLANES := $(BUILD)/lib/qat_user/plane_software.so
PLANE_SOFTWARE_OBJS := $(patsubst %.cpp,$(BUILD)/pic/%.o,$(sort $(wildcard lib/plane/software/*.cpp)))

$(BUILD)/pic/lib/api/icp_sal_versions.o $(BUILD)/pic/lib/session/instance_info.o: QAE_CPPFLAGS += -DQAE_VERSION='"$(VERSION)"'
$(BUILD)/pic/lib/api/icp_sal_versions.o $(BUILD)/pic/lib/session/instance_info.o: dkms.conf
$(BUILD)/pic/lib/plane/loader.o: QAE_CPPFLAGS += -DQAE_PLANE_FOLDER='"$(PLANE_DIR)"'
$(PLANE_SOFTWARE_OBJS): QAE_CXXFLAGS += -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra -Wconversion -Wshadow

$(BUILD)/lib/qat_user/plane_software.so: $(PLANE_SOFTWARE_OBJS)
	@mkdir -p $(@D)
	$(CXX) -shared $(CXXFLAGS) $(LDFLAGS) -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete -o $@ $^ -lz -lpthread

# Never unloaded: other threads may be inside it, and fork handlers and thread-local storage point into it.
$(LIB_SHARED): $(LIB_OBJS) lib/libqat_user.map
	@mkdir -p $(@D)
	$(CXX) -shared $(CXXFLAGS) $(LDFLAGS) -Wl,-soname,$(QAT_USER_SONAME) -Wl,--version-script,lib/libqat_user.map \
		-Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete -o $@ $(LIB_OBJS) -lpthread

$(LIB_LINKS): $(LIB_SHARED)
	ln -sf $(notdir $<) $@

$(LIB_STATIC): $(LIB_OBJS)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $(LIB_OBJS)

lib_pc_text = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	-e 's|@VERSION@|$(QAT_USER_VERSION)|' lib/qat_user.pc.in

$(LIB_PC): lib/qat_user.pc.in dkms.conf
	@mkdir -p $(@D)
	$(lib_pc_text) > $@

LIB_HEADERS = $(patsubst lib/include/%,%,$(wildcard lib/include/*.h lib/include/*.hpp lib/include/*/*.h))
LIB_HEADER_FOLDERS = $(sort $(filter-out ./,$(dir $(LIB_HEADERS))))

.PHONY: lib install-lib uninstall-lib
lib: $(LIB_SHARED) $(LIB_LINKS) $(LIB_STATIC) $(LIB_PC) $(PLANES)

# An older version of the library beside this one would only confuse ldconfig.
install-lib: lib
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	rm -f $(DESTDIR)$(LIBDIR)/$(QAT_USER_SONAME).*
	install $(INSTALL_STRIP) -m 644 $(LIB_SHARED) $(DESTDIR)$(LIBDIR)/
	ln -sf $(notdir $(LIB_SHARED)) $(DESTDIR)$(LIBDIR)/$(QAT_USER_SONAME)
	ln -sf $(notdir $(LIB_SHARED)) $(DESTDIR)$(LIBDIR)/libqat_user.so
	install -m 644 $(LIB_STATIC) $(DESTDIR)$(LIBDIR)/
	install -d $(DESTDIR)$(PLANE_DIR)
	install $(INSTALL_STRIP) -m 644 $(PLANES) $(DESTDIR)$(PLANE_DIR)/
	$(if $(INSTALL_STRIP),strip --strip-debug $(DESTDIR)$(LIBDIR)/$(notdir $(LIB_STATIC)))
	$(lib_pc_text) > $(DESTDIR)$(LIBDIR)/pkgconfig/qat_user.pc
	set -e; for header in $(LIB_HEADERS); do \
		install -D -m 644 lib/include/$$header $(DESTDIR)$(INCLUDEDIR)/$$header; done

uninstall-lib:
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,$(QAT_USER_SONAME) $(QAT_USER_SONAME).* libqat_user.so libqat_user.a \
		pkgconfig/qat_user.pc) $(addprefix $(DESTDIR)$(INCLUDEDIR)/,$(LIB_HEADERS))
	rm -f $(addprefix $(DESTDIR)$(PLANE_DIR)/,$(notdir $(PLANES)))
	rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PLANE_DIR) 2>/dev/null || true
	rmdir --ignore-fail-on-non-empty $(addprefix $(DESTDIR)$(INCLUDEDIR)/,$(LIB_HEADER_FOLDERS)) 2>/dev/null || true

ALL_TARGETS += lib
INSTALL_TARGETS += install-lib
UNINSTALL_TARGETS += uninstall-lib
-include $(LIB_OBJS:.o=.d) $(PLANE_SOFTWARE_OBJS:.o=.d)
