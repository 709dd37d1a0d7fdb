#!/bin/sh
# Pull the models of the settings through the running model server; what is there already is not loaded again.
# Runs in the image of Ollama; OLLAMA_HOST names the server.
set -eu
if [ "${AI_BACKEND:-stub}" != local ]; then
    echo "models: AI_BACKEND is not local, so nothing is pulled"
    exit 0
fi
# pull ADAPTER NAME: nothing where another adapter than the model server does the work.
pull() {
    case "$1" in "" | local) ;; *) return 0 ;; esac
    if [ -z "$2" ]; then
        echo "models: AI_VISION_MODEL and AI_FEEDBACK_MODEL must be set in .env, unless another adapter does their work" >&2
        exit 2
    fi
    ollama pull "$2"
}
pull "${LEARNING_VISION_ADAPTER:-}" "${AI_VISION_MODEL:-}"
pull "${LEARNING_FEEDBACK_ADAPTER:-}" "${AI_FEEDBACK_MODEL:-}"
