"""Changes of tables while everybody works: whoever has to wait for a lock lets go and tries again.

An ALTER that waits behind a long reader makes everybody wait behind itself; for a tenth of a second nobody notices.
"""

import random
import time
from collections.abc import Callable

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

OPTIONS = "set lock_timeout = '100ms'"
PATIENCE_SECONDS, PAUSE_SECONDS = 300.0, 0.5


def patiently(change: Callable[[], object], say: Callable[[str], None]) -> None:
    """Do it, as often as it takes. Raises OperationalError after PATIENCE_SECONDS, or at once for another trouble."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with connection.cursor() as cursor:
            if OPTIONS:
                cursor.execute(OPTIONS)
        try:
            change()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > end:
                raise
            say("somebody is reading there: again in a moment")
            connection.close()
            time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))
        else:
            return
