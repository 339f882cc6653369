# Where "make install" puts what has been built, below DESTDIR. The paths in the files that it writes are without DESTDIR.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include/fastmm
MANDIR ?= $(PREFIX)/share/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/fastmm

# A library of one algorithm has only the first two.
PUBLIC_HEADERS = fastmm.h fastmm_config.h $(wildcard fastmm_algorithms.h kernel.h)

# The files stay right when the whole tree is moved.
from_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
from_cmake = $$(realpath --canonicalize-missing --relative-to='$(CMAKEDIR)' '$(1)')
FILL = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call from_prefix,$(LIBDIR))|' \
	-e 's|@INCLUDEDIR@|$(call from_prefix,$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' -e 's|@ABI@|$(ABI)|' \
	-e 's|@BLAS_LIBS@|$(strip $(BLAS_LIBS))|' -e "s|@LIBDIR_FROM_HERE@|$(call from_cmake,$(LIBDIR))|" \
	-e "s|@INCLUDEDIR_FROM_HERE@|$(call from_cmake,$(INCLUDEDIR))|"

# With the BLAS of products, if "make blas" has built it.
install: all
	install -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(PKGCONFIGDIR)" "$(DESTDIR)$(CMAKEDIR)" "$(DESTDIR)$(MANDIR)/man3"
	install -m 644 $(PUBLIC_HEADERS) "$(DESTDIR)$(INCLUDEDIR)"
	install -m 644 $(LIBRARY) "$(DESTDIR)$(LIBDIR)"
	install -m 755 $(SHARED).$(VERSION) $(wildcard $(BLAS_LIBRARY)) "$(DESTDIR)$(LIBDIR)"
	ln -sf libfastmm.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libfastmm.so.$(ABI)"
	ln -sf libfastmm.so.$(ABI) "$(DESTDIR)$(LIBDIR)/libfastmm.so"
	@$(FILL) install/fastmm.pc.in > "$(DESTDIR)$(PKGCONFIGDIR)/fastmm.pc"
	@$(FILL) install/fastmmConfig.cmake.in > "$(DESTDIR)$(CMAKEDIR)/fastmmConfig.cmake"
	@$(FILL) install/fastmmConfigVersion.cmake.in > "$(DESTDIR)$(CMAKEDIR)/fastmmConfigVersion.cmake"
	install -m 644 install/fastmm.3 "$(DESTDIR)$(MANDIR)/man3"

# Leaves the folders that others use, too.
uninstall:
	rm -f $(PUBLIC_HEADERS:%="$(DESTDIR)$(INCLUDEDIR)/%") "$(DESTDIR)$(MANDIR)/man3/fastmm.3" "$(DESTDIR)$(PKGCONFIGDIR)/fastmm.pc" \
		"$(DESTDIR)$(CMAKEDIR)/fastmmConfig.cmake" "$(DESTDIR)$(CMAKEDIR)/fastmmConfigVersion.cmake" \
		$(foreach end,.a .so .so.$(ABI) .so.$(VERSION) _blas.so,"$(DESTDIR)$(LIBDIR)/libfastmm$(end)")
	for folder in "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(CMAKEDIR)"; do if [ -d "$$folder" ]; then rmdir "$$folder"; fi; done

.PHONY: install uninstall
