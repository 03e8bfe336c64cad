"""A figure: what was measured, against what, and whether it keeps what was promised."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `limit` is for the ratio to `baseline` where there is one, else for the value itself."""

    what: str
    value: float
    unit: str = ""
    limit: float | None = None
    at_most: bool = True
    baseline: float | None = None
    against: str = ""

    @property
    def ratio(self) -> float | None:
        """The value over its baseline, measured in the same run."""
        return self.value / self.baseline if self.baseline else None

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds; a figure without a limit promises nothing."""
        if self.limit is None:
            return True
        measured = self.value if self.ratio is None else self.ratio
        return measured <= self.limit if self.at_most else measured >= self.limit

    def line(self) -> str:
        """The figure as a line of the report."""
        baseline = f"{short(self.baseline)} {self.against}" if self.baseline is not None else ""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        limit = f"{'≤' if self.at_most else '≥'} {short(self.limit)}" if self.limit is not None else ""
        verdict = "" if self.limit is None else "ok" if self.is_kept else "OVER"
        measured = f"{short(self.value):>9} {self.unit:<7}"
        return f"  {self.what:<58} {measured} {baseline:<28} {ratio:>6} {limit:>9} {verdict}".rstrip()


HEADING = f"  {'what':<58} {'measured':>9} {'':<7} {'baseline':<28} {'ratio':>6} {'limit':>9}"


def short(value: float | None) -> str:
    """Three significant digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def part(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rounds(number: int, *measures: Callable[[], float]) -> list[float]:
    """The medians of several measures taken in turns, so that a busy moment meets all of them."""
    taken: list[list[float]] = [[] for _one in measures]
    for _round in range(number):
        for results, measure in zip(taken, measures, strict=True):
            results.append(measure())
    return [statistics.median(results) for results in taken]
