"""The log: one JSON object a line on standard error, with the request's id and nothing personal."""

import json
import logging
import sys
from datetime import UTC, datetime

from core.config import Config
from core.sites import current, is_active


class JsonLines(logging.Formatter):
    """A record as one JSON object. Values of statements, forms and records never enter it."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, where, what, and at which site and request."""
        facts = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if is_active():
            facts["site"] = current().site.name
            facts["request"] = current().request_id
        if record.exc_info and record.exc_info[0] is not None:
            facts["error"] = record.exc_info[0].__name__
            facts["where"] = places_of(record)
        return json.dumps(facts, ensure_ascii=False)


def places_of(record: logging.LogRecord) -> str:
    """File and line of each call that led to an error; the message of the error may name people and stays out."""
    found = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        found.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(found[-12:])


def set_up_logs(config: Config) -> None:
    """Log as the configuration says."""
    handler = logging.StreamHandler(sys.stderr)
    if config.log_json:
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=config.log_level.upper(), handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel("WARNING")
