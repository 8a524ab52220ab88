# `just check` runs what CI runs after the tests. Recipes use the environment that `just` was called from.
python := env("VEDETTE_PYTHON", ".venv/bin/python")

# all checks
check: lint types layers docs audit page

# style and format
lint:
    {{python}} -m ruff check .
    {{python}} -m ruff format --check .

# strict types
types:
    {{python}} -m mypy

# dependencies point down
layers:
    {{python}} -c "import sys; from importlinter.cli import lint_imports_command; sys.argv = ['lint-imports', '--no-cache']; lint_imports_command()"

# every python block of the documentation runs as it stands
docs:
    {{python}} tools/run_docs.py README.md ARCHITECTURE.md docs

# bill of materials (dist/vedette.cdx.json), licences and published vulnerabilities of what a user installs
audit:
    {{python}} tools/audit.py

# unit tests and types of the page, where Node is at hand
page:
    @if command -v npm > /dev/null; then cd ui && npm ci --no-audit --no-fund --loglevel=error && npm test && npm run check; else echo "page: skipped, needs Node"; fi

# everything: the README's test command, then the checks
ci:
    {{python}} -m pytest
    just check
