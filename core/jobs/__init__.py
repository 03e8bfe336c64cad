"""Work that is put off: jobs, what they run as, when they are due, and the workers that do them."""

from core.jobs.claiming import Claim
from core.jobs.declaring import JobSpec, all_jobs, job
from core.jobs.enqueueing import enqueue
from core.jobs.models import STATES, Job
from core.jobs.overseeing import JobLine, JobsPage, cancel, job_counts, job_progress, jobs_page, rerun
from core.jobs.running import GivenBack, JobStopped, Run, Superseded
from core.jobs.schedules import daily, every
from core.jobs.worker import Worker

__all__ = [
    "STATES",
    "Claim",
    "GivenBack",
    "Job",
    "JobLine",
    "JobSpec",
    "JobStopped",
    "JobsPage",
    "Run",
    "Superseded",
    "Worker",
    "all_jobs",
    "cancel",
    "daily",
    "enqueue",
    "every",
    "job",
    "job_counts",
    "job_progress",
    "jobs_page",
    "rerun",
]
