"""The rig, once for all plays; and which of them a normal test run plays."""

import os
import random
import tempfile

import pytest

from tests.faults.plays import FAULTS
from tests.faults.rig import Rig


def pytest_collection_modifyitems(config, items):
    """`python3 backend/dev.py faults` plays everything, in parts (see `cli.faults`); the normal test run only the quick
    ones, without their twins.
    """
    ours = [item for item in items if "faults" in item.path.parts]
    left = [item for item in ours if not _is_played(item, os.environ.get("FAULTS_PART", "all"))]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


def _is_played(item, part):
    code = item.callspec.params["code"]
    is_honest = item.name.startswith("test_it_survives")
    if not os.environ.get("FAULTS"):
        return is_honest and FAULTS[code].quick
    if part == "all":
        return True
    if part in ("alone", "honest") or is_honest:
        return part in ("alone", "honest") and (is_honest or (FAULTS[code].alone and part == "alone"))
    share, shares = map(int, part.split("/"))
    others = [one for one in sorted(FAULTS) if not FAULTS[one].alone]
    return code in others[share - 1 :: shares]


@pytest.fixture(scope="session")
def rig():
    seed = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    random.seed(seed)
    print(f"\nseed {seed}")
    rig = Rig(tempfile.mkdtemp(prefix="hh-faults-"))
    yield rig
    rig.end()
