"""A table as a file for a spreadsheet: CSV, or XLSX for who opens it with a double click."""

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from xlsxwriter import Workbook

CSV, XLSX = KINDS = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet would begin to calculate
SHEET_NAME_LONGEST = 31  # what Excel allows


def download(kind: str, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """`name` without an extension. Cells are text, numbers, days or None; text of people is never a formula."""
    answer = HttpResponse(content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    if kind == XLSX:
        answer.write(_xlsx(name, head, rows))
        return answer
    answer.write("\ufeff")  # or a spreadsheet reads it as something else
    table = csv.writer(answer)
    table.writerow(head)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return answer


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    stream = BytesIO()
    with Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(name[:SHEET_NAME_LONGEST])
        sheet.write_row(0, 0, head, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if hasattr(cell, "isoformat"):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, float(cell) if isinstance(cell, Decimal) else cell)
        sheet.autofit()
    return stream.getvalue()
