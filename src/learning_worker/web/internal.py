"""The health of the learning worker, for teachers and operators: as JSON for machines, as a page for people."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from learning_worker.db.health import Check, HealthReport, health_report
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.web.auth import Operator, deps_of, session_of
from learning_worker.web.deps import WebDeps
from learning_worker.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def alive() -> Response:
    """This process answers; says nothing about the rest."""
    return JSONResponse({"status": "ok"})


@router.get("/internal/health/learning-worker")
async def health(request: Request) -> Response:
    """200 when healthy, 503 exactly when degraded; 401 and 403 as JSON."""
    try:
        session = await session_of(request)
    except DatabaseUnavailable:
        # Who asks cannot be known; that something is wrong may be.
        down = HealthReport(None, (Check("sessions", "failed", "session store not reachable"),))
        return health_response(down)
    if session is None:
        return JSONResponse({"error": "not_signed_in"}, status_code=401)
    if session.site_role not in ("teacher", "operator"):
        return JSONResponse({"error": "wrong_role"}, status_code=403)
    return health_response(await full_report(deps_of(request)))


@router.get("/operator")
async def operator_page(request: Request, session: Operator) -> Response:
    """The same checks, to read."""
    report = await full_report(deps_of(request))
    return render(request, "operator.html", {"report": report})


async def full_report(deps: WebDeps) -> HealthReport:
    """The database's probe and the checks of the deployment (model server, storage)."""
    more = await asyncio.gather(*(check() for check in deps.health_checks))
    return await health_report(deps.db, more)


def health_response(report: HealthReport) -> JSONResponse:
    """The report in the shape that monitors read."""
    body = {
        "status": report.status,
        "currentRole": report.current_role,
        "checks": [
            {"check": check.check, "status": check.status, "detail": check.detail} for check in report.checks
        ],
    }
    return JSONResponse(body, status_code=503 if report.status == "degraded" else 200)
