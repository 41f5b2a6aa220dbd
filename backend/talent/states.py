"""What a volunteer can be, and which step leads where."""

PROSPECT, CONFIRMED, STOPPED = "prospect", "confirmed", "stopped"

STEPS = {
    PROSPECT: {CONFIRMED, STOPPED},
    CONFIRMED: {STOPPED},
    STOPPED: {CONFIRMED},
}
STATES = tuple(STEPS)


def may_step(old: str, new: str) -> bool:
    return new in STEPS[old]
