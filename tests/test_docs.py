"""What the documentation quotes and what is generated is what the code says."""

import re
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[1]
QUOTE = re.compile(r"<!-- (\S+\.py) -->\n```python\n(.*?)```", re.DOTALL)


def test_quoted_code_is_in_the_file_it_names() -> None:
    quotes = [found for page in HOUSE.glob("docs/**/*.md") for found in QUOTE.findall(page.read_text("utf-8"))]
    assert quotes
    for path, code in quotes:
        assert code.strip() in (HOUSE / path).read_text("utf-8"), f"{path} does not say that any more"


def told(*words: str) -> str:
    """What the command prints in an interpreter that knows no plugin of any test."""
    command = [sys.executable, "-c", "from core.cli import main; main()", *words]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_the_hook_reference_is_up_to_date() -> None:
    written = (HOUSE / "docs/hooks.md").read_text("utf-8")
    assert written == told("hooks", "--markdown"), "run: medley hooks --markdown > docs/hooks.md"


def test_the_permission_matrix_is_up_to_date() -> None:
    written = (HOUSE / "docs/permissions.md").read_text("utf-8")
    assert written == told("permissions"), "run: medley permissions > docs/permissions.md"
