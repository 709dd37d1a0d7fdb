"""Composition root: settings become databases, adapters, stores, processes. Only this package knows all."""

from learning_worker.wiring.ai import (
    dspy_program,
    feedback_adapter,
    model_server_check,
    model_servers,
    ollama_client,
    person_reads,
    refuse_blind,
    vision_adapter,
)
from learning_worker.wiring.databases import DATABASE_NAME, Dsns, databases, postgres_directory, required
from learning_worker.wiring.processes import (
    health,
    health_checks,
    safe_login,
    serve_metrics,
    serve_web,
    work,
    worker,
)
from learning_worker.wiring.stores import (
    LOW_DISK_MIB,
    free_disk_mib,
    new_object_key,
    object_store,
    object_store_in,
    storage_check,
    storage_fault,
)

__all__ = [
    "DATABASE_NAME",
    "LOW_DISK_MIB",
    "Dsns",
    "databases",
    "dspy_program",
    "feedback_adapter",
    "free_disk_mib",
    "health",
    "health_checks",
    "model_server_check",
    "model_servers",
    "new_object_key",
    "object_store",
    "object_store_in",
    "ollama_client",
    "person_reads",
    "postgres_directory",
    "refuse_blind",
    "required",
    "safe_login",
    "serve_metrics",
    "serve_web",
    "storage_check",
    "storage_fault",
    "vision_adapter",
    "work",
    "worker",
]
