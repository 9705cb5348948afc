"""The headache diary: a month of our own design, as columns for paper and as a file for a spreadsheet."""

import csv
import io

DAYS = 31
COLUMNS = ("Day", "Headache hours", "Worst pain 0 to 10", "Migraine features", "Medicine and dose", "Notes")


def as_csv() -> str:
    """An empty month: a line of names and one for each day (RFC 4180), behind the byte order mark by which Excel knows UTF-8."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([day] + [""] * (len(COLUMNS) - 1) for day in range(1, DAYS + 1))
    return "\ufeff" + text.getvalue()
