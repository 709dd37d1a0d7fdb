#!/bin/sh
# Pull the two models of the settings through the running model server; what is there already is not loaded again.
# Runs in the image of Ollama; OLLAMA_HOST names the server.
set -eu
if [ "${AI_BACKEND:-stub}" != local ]; then
    echo "models: AI_BACKEND is not local, so nothing is pulled"
    exit 0
fi
for model in "${AI_VISION_MODEL:-}" "${AI_FEEDBACK_MODEL:-}"; do
    if [ -z "$model" ]; then
        echo "models: AI_VISION_MODEL and AI_FEEDBACK_MODEL must both be set in .env" >&2
        exit 2
    fi
    ollama pull "$model"
done
