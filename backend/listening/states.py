"""What becomes of a support request, of a group of signals and of somebody's place at a training."""

OPEN, AGREED, DONE, WITHDRAWN = "open", "agreed", "done", "withdrawn"
REQUEST_STEPS = {
    OPEN: {AGREED, WITHDRAWN}, AGREED: {OPEN, DONE}, DONE: set(), WITHDRAWN: set(),
}  # fmt: skip
REQUEST_STATES = tuple(REQUEST_STEPS)

HEARD, WITH_POLICY, DECIDED = "heard", "with_policy", "decided"
GROUP_STATES = (HEARD, WITH_POLICY, DECIDED)  # in this order, never back

IN, WAITING, GONE = "in", "waiting", "gone"
PLACE_STATES = (IN, WAITING, GONE)


def may_step(old: str, new: str) -> bool:
    """Of a support request."""
    return new in REQUEST_STEPS[old]
