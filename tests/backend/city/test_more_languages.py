"""A language is a row of a file of the installation: added without a new version of the program (R115)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matching.catalogue import CatalogueError, load_catalogue, read_languages_too

HEAD = "code_bcp47,iso639_3,name_nl,name_fr,name_en,name_ar,name_tr,name_own,direction,kind\n"
ROOT = Path(__file__).resolve().parents[3]
# In a process of its own, as an installation starts: nothing that another test read is in its memory.
ASKS = """
import django
django.setup()
from backend.me.start_forms import LanguagesForm
from backend.organisations.pages import CardForm
from matching.catalogue import load_catalogue
from matching.packing import layout_of
from matching.policy import Policy
catalogue = load_catalogue()
print("tpi" in dict(CardForm().fields["welcome_languages"].choices), catalogue.own_names["tpi"])
print("tpi" in layout_of(catalogue, Policy()).languages, "tpi" in catalogue.languages, list(catalogue.languages)[0])
offered = [code for one in LanguagesForm().fields.values() for code, _name in getattr(one, "choices", ())]
print("tpi" in offered, "rof" in catalogue.right_to_left)
"""


@pytest.fixture
def file(tmp_path):
    yield tmp_path / "languages.csv"
    read_languages_too(None)


def test_r115_a_language_row_can_be_chosen_without_a_new_version(file):
    file.write_text(HEAD + "tpi,tpi,Tok Pisin,,,,,Tok Pisin,ltr,spoken\nrof,,Rombo,,,,,,rtl,spoken\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", ASKS], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "LANGUAGES_FILE": str(file), "DJANGO_SETTINGS_MODULE": "backend.settings"},
    )  # fmt: skip

    assert run.stdout.splitlines() == ["True Tok Pisin", "True True nl", "True True"], run.stderr[-2000:]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nl,nld,Vlaams,,,,,,ltr,spoken", "line 2, column code_bcp47: 'nl' is a language that is known already"),
        ("Klingon,,Klingon,,,,,,ltr,spoken", "line 2, column code_bcp47: 'Klingon' is not an ISO 639 code"),
        ("tpi,,Tok Pisin,,,,,,omhoog,spoken", "line 2, column direction: 'omhoog' is not one of ltr, rtl"),
    ],
)
def test_a_wrong_row_stops_the_start_with_its_line(file, row, said):
    file.write_text(HEAD + row + "\n", encoding="utf-8")
    read_languages_too(file)
    with pytest.raises(CatalogueError, match=said):
        load_catalogue()
