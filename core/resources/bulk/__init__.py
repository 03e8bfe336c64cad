"""One act for many records: shown before it happens, told for each of them afterwards."""
