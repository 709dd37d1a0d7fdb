"""A submission's result exactly as it is stored."""

from typing import Any
from uuid import UUID

from learning_worker.db.pool import Connection


async def analysis(connection: Connection, submission_id: UUID) -> dict[str, Any]:
    """`status`, `error_code`, `text_body`, `feedback_md` and `analysis_json`, for a teacher of the course.

    Raises LookupError when the acting person may not see it.
    """
    cursor = await connection.execute(
        """
        select s.analysis_status as status, s.error_code, s.text_body, s.feedback_md, s.analysis_json
          from public.learning_submissions s
         where s.id = %s
        """,
        (submission_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError
    return dict(row)
