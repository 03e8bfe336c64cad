"""Tables as files: CSV and XLSX, written so that they read back to the same, and read whatever people send."""

from core.resources.files.reading import Sheet, open_sheet
from core.resources.files.rows import SheetRow
from core.resources.files.shielding import shielded, unshielded
from core.resources.files.writing import CSV_TYPE, FORMATS, XLSX_TYPE, csv_pieces, write_xlsx

__all__ = [
    "CSV_TYPE",
    "FORMATS",
    "XLSX_TYPE",
    "Sheet",
    "SheetRow",
    "csv_pieces",
    "open_sheet",
    "shielded",
    "unshielded",
    "write_xlsx",
]
