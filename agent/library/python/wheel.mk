# A wheel of the BLAS of products, for the Python of this machine; pip needs no network to install it.
PYTHON ?= python3
WHEEL_DIR ?= wheel

wheel: $(BLAS_LIBRARY)
	@$(CC) $(CFLAGS) $(ARCH) -dM -E -x c /dev/null > $(BLAS_BUILD)/macros.txt
	$(PYTHON) python/make_wheel.py --library $(BLAS_LIBRARY) --macros $(BLAS_BUILD)/macros.txt --version $(VERSION) \
		$(if $(strip $(ARCH)),--for-processor) --out $(WHEEL_DIR)

.PHONY: wheel
