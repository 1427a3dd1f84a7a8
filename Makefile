# The face of the workshop: every target is a verb of ./run, which works without make.
.PHONY: help setup demo up test lint check fmt corpus bench prove soak rehearse tables lock clean
.DEFAULT_GOAL := help

help: ## list these verbs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

setup: ## make .venv from requirements.lock; skipped when it is up to date
	@./run setup

demo: ## start everything, send signed webhooks, show what became of them
	@./run demo

up: ## run the whole system until interrupted
	@./run up

test: ## run all tests
	@./run test

lint: ## check format, ruff, types and import directions
	@./run lint

check: ## lint and test
	@./run check

fmt: ## format, and mend what ruff can mend
	@./run fmt

corpus: ## send real payloads through everything, say what became of each: CORPUS=../shared/corpus
	@./run corpus $(or $(CORPUS),../shared/corpus)

bench: ## measure, and write bench/results.json
	@./run bench

prove: ## kill it, shuffle it, feed it anything: MINUTES=5, SEED=...; writes prove/report.md
	@./run prove $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

soak: ## half an hour of mixed load with faults: MINUTES=30
	@./run prove --only soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

rehearse: ## lose webhooks of thousands of customers, catch up, compare: CUSTOMERS=10000 DROP=0.05 SEED=7
	@./run rehearse $(foreach dial,CUSTOMERS DROP REPEAT THROTTLE SEED,$(if $($(dial)),--$(shell echo $(dial) | tr A-Z a-z) $($(dial))))

tables: ## write docs/tables.md from the models
	@./run tables

lock: ## write requirements.lock anew from pyproject.toml
	@./run lock

clean: ## remove .venv, .data and caches
	@./run clean
