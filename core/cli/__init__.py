"""`medley …`: everything an operator does without a browser.

Exit codes: 0 done, 1 a check failed or the house refused, 2 wrong usage. `--json` speaks to programs. Nothing
prompts when there is no terminal.
"""

from core.cli.main import main

__all__ = ["main"]
