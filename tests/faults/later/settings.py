"""The settings of a later version."""

from backend.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.faults.later"]  # noqa: F405
