"""Break it, count, and break it once more without the guard: the first must hold, the second must not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.plays import FAULTS
from tests.faults.rig import ROOT, Broken


class Start:
    """Starts processes of the rig, with the sabotage of a twin when there is one."""

    def __init__(self, rig, sabotage):
        self._rig, self._sabotage, self.is_honest = rig, sabotage, sabotage is None

    def __call__(self, *names, **environment):
        self._rig.play(*names, sabotage=self._sabotage, **environment)

    def run(self, *words, **environment):
        """One command of the installation, to its end."""
        through = ["tests.faults.sabotaged", self._sabotage] if self._sabotage else []
        return subprocess.run(
            [sys.executable, "-m", *through, *words], check=False, cwd=ROOT, capture_output=True, text=True,
            env=self._rig.environment(**environment),
        )  # fmt: skip


@pytest.fixture
def played(rig):
    def play(code, sabotage):
        fault = FAULTS[code]
        if fault.needs and not (rig.is_small_disk if fault.needs == "mount" else shutil.which(fault.needs)):
            pytest.skip(f"{code} needs {fault.needs}, and the right to use it")
        rig.stage(*fault.stage)
        try:
            return fault.play(rig, Start(rig, sabotage))
        finally:
            rig.close()

    return play


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_it_survives(code, played):
    figures = played(code, None)
    told = {"code": code, "fault": FAULTS[code].words, **figures}
    print(json.dumps(told))
    if os.environ.get("FAULTS"):
        with Path(os.environ["FAULTS"]).open("a") as out:
            out.write(json.dumps(told) + "\n")


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_without_its_guard_it_does_not(code, played):
    with pytest.raises(Broken) as broken:
        played(code, FAULTS[code].twin)
    print(json.dumps({"code": code, "twin": FAULTS[code].twin, "broke": str(broken.value)}))
