"""Writes what the plays found into docs/reliability.md, between its two marks."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
LEFT_OUT = ("code", "fault", "seed")


def publish(runs):
    """`runs`: (seed, lines) of each whole run, lines as the plays printed them."""
    by_code: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for seed, lines in runs:
        for line in lines:
            by_code.setdefault(line["code"], []).append((seed, line))
    seeds = ", ".join(str(seed) for seed, _lines in runs)
    table = [
        f"Whole runs with the seeds {seeds}; a dot stands between them.",
        "",
        "| | what breaks | what was counted |",
        "|---|---|---|",
    ]
    for code, found in sorted(by_code.items()):
        told = " · ".join(_words(line) for _seed, line in found)
        table.append(f"| {code} | {found[0][1]['fault']} | {told} |")
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _old, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n" + "\n".join(table) + f"\n{END}{tail}", encoding="utf-8")


def _words(line):
    return ", ".join(f"{name} {value}" for name, value in line.items() if name not in LEFT_OUT)
