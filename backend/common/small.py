"""Numbers about small groups are not told, nor any number from which they could be worked out."""

from collections.abc import Mapping

PUBLISHED = 10  # no published figure is about fewer people than this


def hide_small(cells: Mapping[str, int], least: int = PUBLISHED) -> tuple[int | None, dict[str, int | None]]:
    """The total and the cells, with None for what must stay hidden.

    A cell under `least` is hidden. Who knows the total could subtract what is shown, so the smallest shown cells are
    hidden too, until at least two are and together they hold `least` people or more. A total under `least` hides all.
    """
    total = sum(cells.values())
    if total < least:
        return None, dict.fromkeys(cells)
    by_size = sorted(cells, key=lambda name: (cells[name], name))
    hidden = {name for name in by_size if cells[name] < least}
    for name in by_size:
        if not hidden or (len(hidden) > 1 and sum(cells[one] for one in hidden) >= least):
            break
        hidden.add(name)
    return total, {name: None if name in hidden else count for name, count in cells.items()}
