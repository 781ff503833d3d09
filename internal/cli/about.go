package cli

// about is the long help of isf itself.
const about = `isf builds the data of a project: the folder with isf.yaml, or one below it. A
target is a named thing that a build makes; ` + "`isf status`" + ` lists them. It is written
as its path (training/data/facts), as the last part of that (facts), as a glob,
as training/data/all (every dataset), or as all. +t adds what t needs, t+ what
needs t. A record is TARGET:ID.

Answers of models are kept in .isf/ and never asked for again. A project's own
code (cmd/isf and what it imports) is compiled as it is now before a command
runs; where it does not compile, what needs no pipeline works all the same, and
--stock leaves it alone.

Exit codes:

    0  done
    1  failed
    2  wrong usage
    3  not current (status --exit-code)
  130  interrupted; the same command goes on from there

Results go to standard output and everything else to standard error. Colours
are for terminals, and NO_COLOR turns them off. Keys come from the environment
or the project's .env, under the name that the provider gives them, such as
OPENROUTER_API_KEY.

` + "`isf completion bash`" + ` (or zsh, fish, powershell) prints a script that completes
commands, targets, models and records; its --help says where to put it.`
