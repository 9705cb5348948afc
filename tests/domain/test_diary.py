"""The headache diary as a file for a spreadsheet."""

import csv

from domain import diary


def test_the_file_has_a_line_of_names_and_one_for_each_day() -> None:
    text = diary.as_csv()
    assert text.startswith("\ufeffDay,")
    names, *days = csv.reader(text.removeprefix("\ufeff").splitlines())
    assert names == list(diary.COLUMNS)
    assert [row[0] for row in days] == [str(day) for day in range(1, 32)]
    assert {len(row) for row in days} == {len(names)}
    assert text.count("\r\n") == 32
