"""`python -m matching WORLD_DIR`: ranked proposals for a city sample, without any server."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from matching import citysample, engine, words
from matching.catalogue import Catalogue, CatalogueError, load_catalogue
from matching.checks import Problem
from matching.city import CITY_FILE, City, load_city

CITIES = Path(__file__).resolve().parent.parent / "backend" / "city"


def main(arguments: list[str] | None = None) -> int:
    """Exit 0; or 2 with every error on standard error when the sample or the city is wrong."""
    options = _options(arguments)
    try:
        catalogue, city = load_catalogue(), load_city(_city_folder(options.world, options.city))
        world = read_world(options.world, catalogue, city)
    except (citysample.SampleErrors, CatalogueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    result = engine.rank(
        [citysample.to_profile(record) for record in world["volunteers"].records],
        [citysample.to_opportunity(record) for record in published(world, catalogue)],
        catalogue=catalogue,
        policy=city.policy,
        today=options.today or world["volunteers"].reference_date,
        guided=frozenset(one["id"] for one in world["volunteers"].records if one["guided_by"]),
        spread=options.spread,
    )
    if options.out:
        options.out.write_text(_as_json(described(result, catalogue)), encoding="utf-8")
    elif options.reasons:
        sys.stdout.write(_as_json(described(result, catalogue)))
    else:
        sys.stdout.write(_as_json({volunteer: ranking.ids for volunteer, ranking in result.rankings.items()}))
    return 0


def read_world(folder: Path, catalogue: Catalogue, city: City) -> dict[str, citysample.Sample]:
    """The three files of a city sample. Raises SampleErrors with the errors of all files together."""
    form = citysample.Format(catalogue, city)
    world: dict[str, citysample.Sample] = {}
    problems: list[Problem] = []
    for kind in ("organisations", "opportunities", "volunteers"):
        name = f"{kind}.json"
        known = {record["id"] for record in world["organisations"].records} if "organisations" in world else set()
        try:
            world[kind] = citysample.read(
                (folder / name).read_bytes(), file=name, kind=kind, form=form, known_organisations=known
            )
        except citysample.SampleErrors as error:
            problems += error.problems
            if kind == "organisations":
                break  # every reference to them would be an error too
    if problems:
        raise citysample.SampleErrors(problems[: citysample.ERRORS_MAX])
    return world


def published(world: dict[str, citysample.Sample], catalogue: Catalogue) -> list[citysample.Record]:
    """What the format lets be published; the rest is named on standard error and left out."""
    organisations = {record["id"]: record for record in world["organisations"].records}
    kept = []
    for record in world["opportunities"].records:
        reason = citysample.unpublishable(record, organisations.get(record["organisation"]), catalogue)
        if reason:
            print(f"opportunities.json {record['id']}: stays a draft: {reason}", file=sys.stderr)
        else:
            kept.append(record)
    return kept


def described(result: engine.Round, catalogue: Catalogue) -> dict[str, Any]:
    """Per volunteer: proposals in rank order, the lines about each, what an organisation reads, what blocked."""
    return {volunteer: _described_one(result, volunteer, catalogue) for volunteer in result.rankings}


def _described_one(result: engine.Round, volunteer: str, catalogue: Catalogue) -> dict[str, Any]:
    ranking = result.rankings[volunteer]
    told = {code: result.explain(volunteer, code) for code in ranking.fits}
    return {
        "proposals": ranking.ids,
        "reasons": {code: [line.as_dict() for line in one.reasons] for code, one in told.items()},
        "not_perfect": {code: [line.as_dict() for line in one.not_perfect] for code, one in told.items()},
        "easy_start": {code: [line.as_dict() for line in one.easy_start] for code, one in told.items()},
        "explanations_for_org": {
            code: " ".join(words.say(line, catalogue, words.ORGANISATION) for line in one.for_organisation)
            for code, one in told.items()
        },
        "blocked": dict(sorted(ranking.blocked.items())),
    }


def _as_json(value: dict[str, Any]) -> str:
    ordered = {key: value[key] for key in sorted(value)}
    return json.dumps(ordered, ensure_ascii=False, indent=1) + "\n"


def _city_folder(world: Path, asked: Path | None) -> Path:
    """The city asked for, else the sample's own, else the only city that comes with the product."""
    if asked:
        return asked
    if (world / CITY_FILE).exists():
        return world
    found = sorted(file.parent for file in CITIES.glob(f"*/{CITY_FILE}"))
    if len(found) != 1:
        raise CatalogueError(f"Say which city with --city: {len(found)} come with the product.")
    return found[0]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    parser.add_argument("world", type=Path, metavar="WORLD_DIR", help="folder with the three files of a city sample")
    parser.add_argument("--today", type=date.fromisoformat, help="YYYY-MM-DD; default: the sample's reference date")
    parser.add_argument("--out", type=Path, help="write lists, reasons and blocking factors here as JSON")
    parser.add_argument("--reasons", action="store_true", help="the same on standard output, instead of bare lists")
    parser.add_argument("--spread", action=argparse.BooleanOptionalAction, default=True, help="count the spread term")
    parser.add_argument("--city", type=Path, help="folder with city.toml; default: the sample's own, else ours")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
