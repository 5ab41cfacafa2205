# make run       open the window with the sample training started
# make test      lint, type check, import contracts and all tests
# make bench     benchmark tables
# make pictures  every pane and dialog, light and dark, at 100 % and 200 %, into outputs/pictures
# make setup     only set up

PYTHON ?= python3
BIN := .venv/bin
JOB := configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml
DATA_JOB := configs/jobs/job_data_generation/job_data_generation.yaml

.PHONY: run test bench pictures setup clean

run: setup
	@[ -n "$$DATA_URI" ] || [ -d data/numbers_cropped_split/test ] || $(BIN)/niceml-engine run $(DATA_JOB)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/niceml-gui . --job $(JOB) --run; \
	else \
		$(BIN)/niceml-gui . --job $(JOB) --run --offscreen-tour outputs; \
	fi

test: setup
	@sh resources/test_programs.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0

bench: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

pictures: setup
	$(BIN)/python -m tests.gallery outputs/pictures

setup: .venv/ready

.venv/ready: pyproject.toml resources/constraints.txt resources/shipped.txt resources/setup.sh
	@PYTHON=$(PYTHON) sh resources/setup.sh
	@touch $@

clean:
	rm -rf .venv outputs build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
