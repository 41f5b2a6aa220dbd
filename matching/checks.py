"""Checks of one value: each gives the clean value, or reports what is wrong and where. The rooms above combine them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database and no mail can hold a half character

MESSAGES = {
    "bad_json": "Dit bestand kunnen we niet lezen.",
    "bad_header": "Dit bestand heeft een ander formaat.",
    "unknown_key": 'We kennen het veld "{key}" niet.',
    "missing": 'Vul "{path}" in.',
    "wrong_type": '"{path}" heeft een fout type.',
    "not_in_list": '"{value}" staat niet in de lijst van "{path}".',
    "out_of_range": '"{path}" moet tussen {min} en {max} liggen.',
    "duplicate_id": '"{value}" staat er twee keer in.',
    "duplicate_value": '"{value}" staat er twee keer in.',
    "unknown_reference": 'Organisatie "{value}" bestaat niet.',
    "inconsistent": '"{path}" past niet bij "{other}".',
    "no_times": "Deze persoon heeft nog geen momenten. Er komen geen voorstellen.",
    "no_talents_shared": "Alleen het vrijwilligerspunt ziet de talenten van deze persoon.",
    "age_rounded": '"{path}" werd {other}.',
    "neighbourhood_far": '"{path}" ligt ver van de wijk "{other}".',
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error or warning: where it stands, what it is, and a Dutch sentence for the person who sent the file."""

    file: str
    item: str
    path: str
    code: str
    value: Any
    message_nl: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "item": self.item,
            "path": self.path,
            "code": self.code,
            "value": self.value,
            "message_nl": self.message_nl,
        }

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, self.item, self.path) if part)
        return f"{where}: {self.code}: {self.message_nl}"


@dataclass(slots=True)
class Report:
    """Collects the errors and warnings of one record."""

    file: str
    item: str
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, code: str, path: str, value: Any = None, **details: Any) -> None:
        self.errors.append(self._problem(code, path, value, details))

    def warn(self, code: str, path: str, value: Any = None, **details: Any) -> None:
        self.warnings.append(self._problem(code, path, value, details))

    def _problem(self, code: str, path: str, value: Any, details: dict[str, Any]) -> Problem:
        value = float(value) if isinstance(value, Decimal) else value
        words = {"path": path, "value": value, "key": path.rpartition(".")[2], **details}
        return Problem(self.file, self.item, path, code, value, MESSAGES[code].format(**words))


WRONG = object()  # what a check returns for a value it refused; later checks leave it alone
Check = Callable[[Any, str, Report], Any]


def text(*, longest: int | None = None, form: str | None = None) -> Check:
    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str) or UNSTORABLE.search(value):
            return refuse(report, "wrong_type", path, value)
        value = value.strip()
        if not value:
            return refuse(report, "missing", path)
        if longest and len(value) > longest:
            return refuse(report, "out_of_range", path, value, min=1, max=longest)
        if form and not re.fullmatch(form, value, re.ASCII):
            return refuse(report, "wrong_type", path, value)
        return value

    return check


def boolean(value: Any, path: str, report: Report) -> Any:
    return value if isinstance(value, bool) else refuse(report, "wrong_type", path, value)


def integer(low: int, high: int) -> Check:
    def check(value: Any, path: str, report: Report) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return refuse(report, "wrong_type", path, value)
        return value if low <= value <= high else refuse(report, "out_of_range", path, value, min=low, max=high)

    return check


def number(low: float, high: float) -> Check:
    def check(value: Any, path: str, report: Report) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            return refuse(report, "wrong_type", path, value)
        exact = Decimal(str(value))
        if not exact.is_finite():
            return refuse(report, "wrong_type", path, str(value))
        is_within = Decimal(str(low)) <= exact <= Decimal(str(high))
        return exact if is_within else refuse(report, "out_of_range", path, exact, min=low, max=high)

    return check


def one_of(allowed: Iterable[str]) -> Check:
    allowed = frozenset(allowed)

    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return refuse(report, "wrong_type", path, value)
        value = value.strip()
        if not value:
            return refuse(report, "missing", path)
        return value if value in allowed else refuse(report, "not_in_list", path, value)

    return check


def list_of(allowed: Iterable[str], low: int = 0, high: int | None = None) -> Check:
    inner = one_of(allowed)

    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, list):
            return refuse(report, "wrong_type", path, value)
        codes = [inner(one, f"{path}[{place}]", report) for place, one in enumerate(value)]
        for place, code in enumerate(codes):
            if code is not WRONG and code in codes[:place]:
                refuse(report, "duplicate_value", f"{path}[{place}]", code)
        if len(value) < low or (high is not None and len(value) > high):
            return refuse(report, "out_of_range", path, len(value), min=low, max=high or "…")
        return WRONG if WRONG in codes else codes

    return check


def map_of(keys: Iterable[str], inner: Check, low: int = 0) -> Check:
    keys = frozenset(keys)

    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, dict):
            return refuse(report, "wrong_type", path, value)
        clean = {}
        for key, one in value.items():
            if key not in keys:
                refuse(report, "not_in_list", f"{path}.{key}", key)
            else:
                clean[key] = inner(one, f"{path}.{key}", report)
        if len(value) < low:
            return refuse(report, "out_of_range", path, len(value), min=low, max=len(keys))
        return clean

    return check


def day(value: Any, path: str, report: Report) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return refuse(report, "wrong_type", path, value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        return refuse(report, "wrong_type", path, value)


def clock(value: Any, path: str, report: Report) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{2}:\d{2}", value, re.ASCII):
        return refuse(report, "wrong_type", path, value)
    try:
        time.fromisoformat(value)
    except ValueError:
        return refuse(report, "wrong_type", path, value)
    return value


def nothing_or(inner: Check) -> Check:
    """`null` is allowed here."""
    return lambda value, path, report: None if value is None else inner(value, path, report)


def fields(shape: Mapping[str, Check], optional: Iterable[str] = ()) -> Check:
    """An object with exactly these keys; a key that is not in the table is an error, never dropped."""
    optional = frozenset(optional)

    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, dict):
            return refuse(report, "wrong_type", path, value)
        prefix = f"{path}." if path else ""
        for key in value:
            if key not in shape:
                report.error("unknown_key", f"{prefix}{key}", key)
        clean = {}
        for key, inner in shape.items():
            if key in value and (value[key] is not None or _takes_null(inner)):
                clean[key] = inner(value[key], f"{prefix}{key}", report)
            elif key not in optional or key in value:
                clean[key] = refuse(report, "missing", f"{prefix}{key}")
        return clean

    return check


def list_of_fields(inner: Check) -> Check:
    def check(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, list):
            return refuse(report, "wrong_type", path, value)
        return [inner(one, f"{path}[{place}]", report) for place, one in enumerate(value)]

    return check


def any_text(value: Any, path: str, report: Report) -> Any:
    return value if isinstance(value, str) else refuse(report, "wrong_type", path, value)


def list_of_texts(value: Any, path: str, report: Report) -> Any:
    if not isinstance(value, list):
        return refuse(report, "wrong_type", path, value)
    return [text()(one, f"{path}[{place}]", report) for place, one in enumerate(value)]


def anything(value: Any, _path: str, _report: Report) -> Any:
    return value


def _takes_null(check: Check) -> bool:
    return check(None, "", Report("", "")) is None


def refuse(report: Report, code: str, path: str, value: Any = None, **details: Any) -> Any:
    report.error(code, path, value, **details)
    return WRONG
