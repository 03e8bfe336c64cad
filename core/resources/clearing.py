"""What is kept of exports, imports, acts for many and counts until its time is over, and then forgotten.

The journal says for good what was taken out, brought in and changed. What lies here only served a page for some days,
and repeats what stood in files: it must not outlive them.
"""

import peewee

from core import clock
from core.jobs import Run, job
from core.jobs.house import clear
from core.jobs.schedules import daily
from core.resources.bulk.models import BulkOutcome, BulkRun
from core.resources.exporting.models import Export
from core.resources.importing.models import Import, ImportedRow, ImportProblem
from core.resources.importing.writing import UNDONE
from core.resources.models import Count


@job("core.clear_lists", system="housekeeping", schedule=daily("04:00"))
def clear_lists(run: Run) -> None:
    """Forget exports, imports, acts for many records and counts whose time is over."""
    now = clock.now()
    clear(run, Export, Export.until_at <= now)
    clear(run, Count, Count.until_at <= now)
    runs = BulkRun.select(BulkRun.id).where(BulkRun.until_at <= now)
    clear(run, BulkOutcome, BulkOutcome.run_id.in_(runs))
    clear(run, BulkRun, BulkRun.until_at <= now)
    imports = Import.select(Import.id).where(Import.until_at <= now)
    clear(run, ImportProblem, ImportProblem.import_id.in_(imports))
    # A record whose import was taken back may come in again: that it was, and by which import, is remembered.
    clear(run, ImportedRow, ImportedRow.import_id.in_(imports) & (ImportedRow.outcome != UNDONE))
    is_remembered = peewee.fn.EXISTS(ImportedRow.select(ImportedRow.id).where(ImportedRow.import_id == Import.id))
    clear(run, Import, (Import.until_at <= now) & ~is_remembered)
