# Jalon. `make demo` shows it, `make test` checks it; `make help` lists the rest.
PORT ?= 8000
TODAY ?=
PY = .venv/bin/python
DEMO_ENV = env -u DATABASE_URL -u REDIS_URL -u EMAIL_URL -u PRODUCTION DEMO=1 DATA_DIR=$(CURDIR)/var/demo FILE_SCANNER=none

.PHONY: help demo demo-reset test lint doctor services services-stop pictures lock
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: ## a full Jalon with fictional dossiers, at http://127.0.0.1:8000/ (PORT=…, TODAY=YYYY-MM-DD)
	@scripts/venv base
	@exec $(DEMO_ENV) $(PY) manage.py run_demo --port $(PORT) $(if $(TODAY),--today $(TODAY))

demo-reset: ## forget what was done in the demo; the next start is fresh
	@rm -rf var/demo && echo "The demo is empty; make demo fills it again."

test: ## everything that CI checks
	@scripts/venv dev
	@exec $(PY) scripts/check.py

lint: ## only the static checks, seconds
	@scripts/venv dev
	@exec $(PY) scripts/check.py --static

doctor: ## what this machine has, what is set and reachable, how to mend it
	@python3 scripts/doctor.py

services: ## real PostgreSQL, Redis, Elasticsearch, ClamAV, veraPDF … for the tests, addresses in var/services/env
	@python3 scripts/services start

services-stop: ## stop them
	@python3 scripts/services stop

pictures: ## take the pictures of docs/pictures again
	@scripts/venv dev
	@$(PY) -m tests.browser.pictures

lock: ## compile requirements/*.in again
	@scripts/venv dev
	@scripts/lock
