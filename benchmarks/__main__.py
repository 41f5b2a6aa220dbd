"""`python3 backend/dev.py bench [--quick] [--pages] [--seed N]`: the race, its judge, and the pages made of it."""

import argparse
import json
import os
import platform
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true", help="small sizes and three rounds, under two minutes")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: drawn now")
    parser.add_argument("--pages", action="store_true", help="only the list pages of a whole city")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md and the README table")
    options = parser.parse_args()
    from benchmarks.race import Race

    race = Race(quick=options.quick, seed=options.seed)
    began = time.perf_counter()
    race.pages() if options.pages else race.run()
    race.found["about"] = {
        "seed": options.seed,
        "quick": options.quick,
        "day": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "minutes": round((time.perf_counter() - began) / 60, 1),
    }
    from benchmarks import report

    kept = HERE / "results" / f"{'quick' if options.quick else 'full'}{'-pages' if options.pages else ''}.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(race.found, indent=1) + "\n", encoding="utf-8")
    if options.pages:
        print(report.pages_table(race.found))
        if options.publish:
            report.publish_pages(race.found, HERE.parent)
        return
    print(report.table(race.found), "", report.quality_table(race.found), sep="\n")
    print(f"raw figures: {kept.relative_to(HERE.parent)}")
    if options.publish:
        report.publish(race.found, HERE.parent)
    # The bars are for a whole city; a quick race is small, so there only a wrong list counts.
    failed = [] if options.quick else report.failures(race.found)
    for line in failed:
        print(f"BELOW THE BAR: {line}")
    sys.exit(1 if race.found["differences"] or failed else 0)


if __name__ == "__main__":
    main()
