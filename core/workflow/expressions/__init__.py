"""The small language of conditions: facts by name, comparisons, and a few functions; nothing else can be said in it.

    days <= 10 and not is_own and kind in ["annual", "study"]
    given(covered_by) or from_on > today() + 14

A condition is read and checked once (`condition_of`) and worked out with facts that were looked up before. What is not
known makes no condition hold: `unknown > 3` and `not unknown > 3` are both not fulfilled.
"""

from core.workflow.expressions.checking import checked
from core.workflow.expressions.reading import LONGEST, Unfit, read
from core.workflow.expressions.wording import in_words
from core.workflow.expressions.working_out import names_in, work_out

__all__ = ["LONGEST", "Unfit", "checked", "in_words", "names_in", "read", "work_out"]
