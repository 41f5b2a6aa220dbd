"""A cache that nobody waits for: while Redis is away or frozen every question is a miss, asked again after a pause.

What it holds (counters of rate limits) may be lost at any moment.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0


class Away(RuntimeError):
    """Redis did not answer a moment ago; nothing was asked."""


class PatientCache(RedisCache):
    """Django's, except that a failure costs one short wait and then nothing for PAUSE_SECONDS."""

    _quiet_until = 0.0  # shared by all threads of a process: one of them waits, the others know

    def _asked(self, ask: Callable[..., Any], otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < PatientCache._quiet_until:
            return otherwise
        try:
            return ask(*args, **kwargs)
        except (RedisError, OSError) as error:
            PatientCache._quiet_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("the cache is away: %s", type(error).__name__)
            return otherwise

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._asked(super().get, default, key, default, version=version)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._asked(super().add, True, *args, **kwargs))

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._asked(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._asked(super().touch, False, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._asked(super().delete, False, *args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._asked(super().has_key, False, *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Raises Away instead of inventing a number."""
        found = self._asked(super().incr, None, *args, **kwargs)
        if found is None:
            raise Away("the cache is away")
        return int(found)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return dict(self._asked(super().get_many, {}, keys, version=version))

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return list(self._asked(super().set_many, list(data), data, *args, **kwargs))
