"""The rig, once for all plays; and which of them a normal test run plays."""

import os
import random
import tempfile

import pytest

from tests.faults.plays import FAULTS
from tests.faults.rig import Rig


def pytest_collection_modifyitems(config, items):
    """`python3 backend/dev.py faults` plays everything; the normal test run only the quick ones, without their twins."""
    if os.environ.get("FAULTS"):
        return
    kept, left = [], []
    for item in items:
        is_ours = "faults" in item.path.parts
        quick = is_ours and item.name.startswith("test_it_survives") and FAULTS[item.callspec.params["code"]].quick
        (kept if quick or not is_ours else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def rig():
    seed = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    random.seed(seed)
    print(f"\nseed {seed}")
    rig = Rig(tempfile.mkdtemp(prefix="hh-faults-"))
    yield rig
    rig.end()
