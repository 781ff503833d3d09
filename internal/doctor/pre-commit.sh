#!/bin/sh
# Written by `isf doctor --hook`. It checks datasets that are about to be
# committed, and stops the commit where one is BAD. `git commit --no-verify`
# commits all the same.
project=PROJECT
cd "./$project" || exit 1
bad=0
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
for stem in $(git diff --cached --relative --name-only --diff-filter=ACMR -- training/data | sed -n 's/\.manifest\.json$//p'); do
	[ -f "$stem.jsonl" ] || continue
	if ! isf check "$stem" >"$report" 2>&1; then
		cat "$report"
		bad=1
	fi
done
exit $bad
