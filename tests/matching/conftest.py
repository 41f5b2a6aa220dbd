"""The small Antwerp that comes with the product, as matching values. No database here."""

import json
from datetime import date
from pathlib import Path

import pytest

from matching import citysample
from matching.__main__ import read_world
from matching.catalogue import load_catalogue
from matching.city import load_city

ROOT = Path(__file__).resolve().parents[2]
ANTWERP = ROOT / "backend" / "city" / "antwerpen"


@pytest.fixture(scope="session")
def catalogue():
    return load_catalogue()


@pytest.fixture(scope="session")
def city():
    return load_city(ANTWERP)


@pytest.fixture(scope="session")
def policy(city):
    return city.policy


@pytest.fixture(scope="session")
def today():
    return date(2027, 3, 1)


@pytest.fixture(scope="session")
def form(catalogue, city):
    return citysample.Format(catalogue, city)


@pytest.fixture(scope="session")
def world(catalogue, city):
    return read_world(ANTWERP / "demo", catalogue, city)


@pytest.fixture(scope="session")
def people(world):
    return {record["id"]: citysample.to_profile(record) for record in world["volunteers"].records}


@pytest.fixture(scope="session")
def tasks(world):
    return {record["id"]: citysample.to_opportunity(record) for record in world["opportunities"].records}


@pytest.fixture
def sample_file():
    """The parsed JSON of one demo file, free to change."""
    return lambda kind: json.loads((ANTWERP / "demo" / f"{kind}.json").read_text(encoding="utf-8"))
