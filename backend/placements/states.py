"""From proposal to placement: every state, and which step leads where."""

HELD, OPEN, MAYBE, ACCEPTED, DECLINED = "held", "open", "maybe", "accepted", "declined"
WAITING, EXPIRED, WITHDRAWN = "waiting", "expired", "withdrawn"

PROPOSAL_STEPS = {
    HELD: {OPEN, WITHDRAWN},  # too few reasons: a matchmaker looks first
    OPEN: {MAYBE, ACCEPTED, DECLINED, WAITING, EXPIRED, WITHDRAWN},
    MAYBE: {ACCEPTED, DECLINED, WAITING, EXPIRED, WITHDRAWN},
    ACCEPTED: {DECLINED, WITHDRAWN},  # "I cannot come after all" gives the place back
    DECLINED: {ACCEPTED, WAITING},  # everybody may change their mind while the link works
    WAITING: {OPEN, ACCEPTED, DECLINED, WITHDRAWN},  # said yes a moment too late; open again when a place is free
    EXPIRED: set(),
    WITHDRAWN: set(),
}
PROPOSAL_STATES = tuple(PROPOSAL_STEPS)
ANSWERABLE = (OPEN, MAYBE)
WELCOMED = (OPEN, MAYBE, ACCEPTED)  # counts for spread and for what an organisation can welcome

PLANNED, CAME, MISSED, CANCELLED = "planned", "came", "missed", "cancelled"
TRIAL_VISIT_STEPS = {PLANNED: {CAME, MISSED, CANCELLED}, CAME: set(), MISSED: set(), CANCELLED: set()}
TRIAL_VISIT_STATES = tuple(TRIAL_VISIT_STEPS)
VISITED = (PLANNED, CAME)  # a day on which somebody is there, or was

AGREED, ACTIVE, ENDED = "agreed", "active", "ended"
PLACEMENT_STEPS = {AGREED: {ACTIVE, ENDED}, ACTIVE: {ENDED}, ENDED: set()}
PLACEMENT_STATES = tuple(PLACEMENT_STEPS)

# A round that a person looks at: the machine plans it, somebody publishes it, and for ten minutes may stop it.
ASKED, READY, GOING, DONE, STOPPED = "asked", "ready", "going", "done", "stopped"
PLANNED_ROUND_STEPS = {
    ASKED: {READY, STOPPED}, READY: {GOING, STOPPED}, GOING: {DONE, STOPPED}, DONE: set(), STOPPED: set(),
}  # fmt: skip
PLANNED_ROUND_STATES = tuple(PLANNED_ROUND_STEPS)
PLANNED_ROUND_OPEN = (ASKED, READY, GOING)


def may_step(steps: dict[str, set[str]], old: str, new: str) -> bool:
    return new in steps[old]
