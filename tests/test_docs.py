"""What the documentation quotes and what is generated is what the code says."""

import re
from pathlib import Path

from core.app import install_plugins
from core.cli.plugins import hooks_page, permissions_page
from core.registry import catalogue

HOUSE = Path(__file__).parents[1]
QUOTE = re.compile(r"<!-- (\S+\.py) -->\n```python\n(.*?)```", re.DOTALL)


def test_quoted_code_is_in_the_file_it_names() -> None:
    quotes = [found for page in HOUSE.glob("docs/**/*.md") for found in QUOTE.findall(page.read_text("utf-8"))]
    assert quotes
    for path, code in quotes:
        assert code.strip() in (HOUSE / path).read_text("utf-8"), f"{path} does not say that any more"


def test_the_hook_reference_is_up_to_date() -> None:
    install_plugins()
    assert not catalogue.failures
    assert (HOUSE / "docs/hooks.md").read_text("utf-8") == hooks_page(), "run: medley hooks --markdown > docs/hooks.md"


def test_the_permission_matrix_is_up_to_date() -> None:
    written = (HOUSE / "docs/permissions.md").read_text("utf-8")
    assert written == permissions_page(), "run: medley permissions > docs/permissions.md"
