"""Text a spreadsheet would take for a formula is written with an apostrophe before it, and read without.

Excel and its kin run a cell that begins with = + - @, a tab or a line break, even in a CSV file (CWE-1236). An
apostrophe before what would be shielded is itself shielded, so that every text reads back as it was.
"""

import re

RISKY = re.compile(r"'*[=+\-@\t\r\n]")
SHIELDED = re.compile(r"''*[=+\-@\t\r\n]")


def shielded(text: str) -> str:
    """The text as it may stand in a file."""
    return f"'{text}" if RISKY.match(text) else text


def unshielded(text: str) -> str:
    """The text again."""
    return text[1:] if SHIELDED.match(text) else text
