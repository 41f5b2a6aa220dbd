"""What a race found, as a table with its bars, as pictures of growth, and as the pages that show them."""

import re
from html import escape
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- race: begin -->", "<!-- race: end -->"
ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGES_BEGIN, PAGES_END = "<!-- pages: begin -->", "<!-- pages: end -->"


def measures(found: dict[str, Any]) -> list[tuple[str, str, bool, str]]:
    """(what, measured, is it good enough, the bar and the aim)."""
    ratio, rounds = found["ratios"], found["distribution"]
    large = rounds[-1]
    gap = max(one["gap"] for one in rounds)
    judged = found["judged"]

    def times(name: str) -> str:
        one = ratio[name]
        return f"{_short(one['median'])}x ({_short(one['min'])}-{_short(one['max'])})"

    people, tasks, many = found["sizes"]
    return [
        (
            (
                f"lists unlike the plain engine's ({judged['lists']:,} all "
                f"rows, {judged['drawn']} drawn, {judged['as_sql']} as SQL; 1 and 2 threads, shuffled, numpy alone)"
            ),
            f"{found['differences']} different; {judged['faults_seen']} of 4 planted faults seen",
            found["differences"] == 0,
            "0",
        ),
        (f"{people:,} x {tasks:,} both sides, beside the same score in tuned SQL, 2 connections",
         f"{times('same_score_sql')} faster", ratio["same_score_sql"]["median"] >= 150, "150x, aim 500x"),
        ("the same beside the api-engagement-shaped query (one side, simpler question)",
         f"{times('api_engagement')} faster", ratio["api_engagement"]["median"] >= 400, "400x, aim 1500x"),
        ("the same beside the bluebottle-shaped query (one side, far simpler question)",
         f"{times('bluebottle')} faster", True, "no bar"),
        ("the same beside matrix multiplication of width 64 over the same pairs",
         f"takes {times('matrix')}", ratio["matrix"]["median"] <= 4, "4x, aim 1.5x"),
        ("numpy alone beside compiled, same lists", f"takes {times('plain')}", ratio["plain"]["median"] <= 60,
         "60x, aim 20x"),
        (f"one new opportunity against {many:,} people, p95, beside reading the records in memory once",
         f"takes {times('p95_in_reads')}", ratio["p95_in_reads"]["median"] <= 10, "10x, aim 3x"),
        ("changed volunteer until the proposal is stored, p95, beside a bare select and commit",
         f"takes {times('changed')}", ratio["changed"]["median"] <= 12, "12x, aim 5x"),
        (f"reads of the API ({len(found['reads'])} kinds), p95 of the whole request, beside its own statements alone",
         f"takes {times('reads')}", ratio["reads"]["max"] <= 10, "10x for each kind"),
        (f"cold matcher: {many:,} people loaded and indexed, beside only reading the same records",
         f"takes {times('cold_in_reads')}", ratio["cold_in_reads"]["median"] <= 2, "2x, aim 1.3x"),
        ("ten cities far apart beside one of them (100 times the pairs)", f"takes {times('ten_cities')}",
         ratio["ten_cities"]["median"] <= 13, "13x, aim 10x"),
        (f"peak memory of the whole process, {people:,} / {many:,} people",
         f"{found['memory']['city']:.0f} / {found['memory']['million']:.0f} MB",
         found["memory"]["city"] <= 400 and found["memory"]["million"] <= 900, "400 / 900 MB, aim 200 / 600"),
        ("distribution round: certified gap, the largest", f"{100 * gap:.4f} %", gap <= 1e-4, "0.01 %, aim 0.001 %"),
        ("distribution round: time beside exact min-cost flow", f"takes {times('distribution_time')}",
         ratio["distribution_time"]["median"] <= 1, "1x, aim 0.5x"),
        (f"round at {people:,}: share with a proposal, guided / others",
         f"{large['guided_served']:.1%} / {large['others_served']:.1%}",
         large["guided_served"] >= large["others_served"], "at least equal"),
        (f"round at {people:,}: points kept of a round that looks at points alone", f"{large['points_kept']:.1%}",
         large["points_kept"] >= 0.95, "95 %"),
        (f"sums of the parts shown equal to the points ranked with ({judged['sums']:,} pairs)",
         "all" if not found["differences"] else "see above", not found["differences"], "all"),
    ]  # fmt: skip


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def table(found: dict[str, Any]) -> str:
    about = found["about"]
    lines = [
        (
            f"Seed {about['seed']}, {about['day']}, Python {about['python']}, {about['cores']} cores, "
            f"{about['minutes']} minutes; {100 * found['judged']['eligible_share']:.1f} % of all pairs are eligible. "
            "Medians of the rounds, with least and most."
        ),
        "",
        "| measure | found | bar |",
        "|---|---|---|",
    ]
    lines += [
        f"| {what} | {'' if is_good or about['quick'] else '**below the bar** '}{got} | {bar} |"
        for what, got, is_good, bar in measures(found)
    ]
    return "\n".join(lines)


def quality_table(found: dict[str, Any]) -> str:
    """What each way of ranking proposes: as it is, and behind our hard limits."""
    names = ("forbidden", "shares a talent", "shares a theme", "km", "organisations reached", "gini of first choices")
    lines = [f"| first three proposals | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for way, told in found["quality"].items():
        for suffix in ("",) if way == "ours" else ("", " behind our limits"):
            cells = [_cell(name, told[name + suffix]) for name in names]
            lines.append(f"| {way}{suffix and ', behind our limits'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(name: str, value: float) -> str:
    return f"{value:.2f}" if name in ("km", "gini of first choices") else f"{value:.0%}"


def failures(found: dict[str, Any]) -> list[str]:
    return [f"{what}: {got} ({bar})" for what, got, is_good, bar in measures(found) if not is_good]


def publish(found: dict[str, Any], root: Path) -> None:
    """Write the table into docs/performance.md and README.md, between their marks, and the pictures beside it."""
    pictures = root / "docs" / "pictures"
    pictures.mkdir(exist_ok=True)
    people, tasks, _many = found["sizes"]
    for name, along, label in (("people", "people", f"people, {tasks:,} opportunities"),
                               ("opportunities", "tasks", f"opportunities, {people:,} people")):  # fmt: skip
        other = "tasks" if along == "people" else "people"
        points = [one for one in found["growth"] if one[other] == found["sizes"][1 if along == "people" else 0]]
        points.sort(key=lambda one: one[along])
        # Two sizes that are nearly the same would be drawn over each other.
        points = [
            one for one, after in zip(points, [*points[1:], None], strict=True)
            if after is None or after[along] > 1.05 * one[along]
        ]  # fmt: skip
        curve = picture(points, along, label)
        (pictures / f"growth-by-{name}.svg").write_text(curve, encoding="utf-8")
    whole = f"{table(found)}\n\n{quality_table(found)}"
    for page, text in (("docs/performance.md", whole), ("README.md", short_table(found))):
        path = root / page
        before = path.read_text(encoding="utf-8")
        head, rest = before.split(BEGIN)
        path.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def pages_table(found: dict[str, Any]) -> str:
    """Ratios only: seconds belong to one computer."""
    about, (people, tasks, _many) = found["about"], found["sizes"]
    lines = [
        f"Seed {about['seed']}, {about['day']}, {about['cores']} cores; {people:,} people, {tasks:,} opportunities.",
        "",
        "| list page | p95 of the whole request beside its own statements |",
        "|---|---|",
    ]
    rows = {path: one["p95_s"] / one["bare_p50_s"] for path, one in found["pages"].items()}
    lines += [
        f"| `{ID.sub('…', path)}` | {_short(ratio)}x |" for path, ratio in sorted(rows.items(), key=lambda one: -one[1])
    ]
    return "\n".join(lines)


def publish_pages(found: dict[str, Any], root: Path) -> None:
    """Write that table into docs/performance.md, between its marks."""
    path = root / "docs" / "performance.md"
    head, rest = path.read_text(encoding="utf-8").split(PAGES_BEGIN)
    path.write_text(
        f"{head}{PAGES_BEGIN}\n{pages_table(found)}\n{PAGES_END}{rest.split(PAGES_END)[1]}", encoding="utf-8"
    )


def short_table(found: dict[str, Any]) -> str:
    rows = measures(found)
    lines = ["| measure | found |", "|---|---|"]
    lines += [f"| {what} | {got} |" for what, got, _is_good, _bar in (rows[place] for place in (0, 1, 2, 4, 6, 11))]
    return "\n".join(lines)


def picture(points: list[dict[str, Any]], along: str, label: str) -> str:
    """Nanoseconds a pair for our lists and for plain matrix multiplication, both axes logarithmic."""
    from math import log10

    series = {
        "both lists, exact": [(one[along], 1e9 * one["ours_s"] / (one["people"] * one["tasks"])) for one in points],
        "matrix multiplication": [
            (one[along], 1e9 * one["matrix_s"] / (one["people"] * one["tasks"])) for one in points
        ],
    }
    every = [value for line in series.values() for _x, value in line]
    low, high = log10(min(every)) - 0.1, log10(max(every)) + 0.1
    left, right = log10(points[0][along]), log10(points[-1][along])
    width, height, edge = 640, 320, 60

    def at(x: float, y: float) -> tuple[float, float]:
        across = edge + (log10(x) - left) / max(0.01, right - left) * (width - 2 * edge)
        return round(across, 1), round(height - edge - (log10(y) - low) / (high - low) * (height - 2 * edge), 1)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{escape(f"Nanoseconds a pair by {label}")}</title>'
        ),
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{edge}" y="24" font-size="14">Nanoseconds a pair, by {escape(label)}</text>',
    ]
    for place, (name, line) in enumerate(series.items()):
        colour, dash = (("#0b5", ""), ("#555", ' stroke-dasharray="5 4"'))[place]
        path = " ".join(f"{x},{y}" for x, y in (at(*one) for one in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        for one in line:
            x, y = at(*one)
            parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x}" y="{y - 8}" text-anchor="middle" fill="{colour}">{one[1]:.2f}</text>')
        parts.append(f'<text x="{width - edge}" y="{24 + 18 * place}" text-anchor="end" fill="{colour}">{name}</text>')
    for one in points:
        x, _y = at(one[along], 10**low)
        parts.append(f'<text x="{x}" y="{height - edge + 22}" text-anchor="middle">{one[along]:,}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
