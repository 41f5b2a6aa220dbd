"""What a delivery can be, and which step leads where (each step is one fenced UPDATE)."""

PENDING, CLAIMED, HANDING, SENT, LISTED = "pending", "claimed", "handing", "sent", "listed"
NO_ANSWER = "no answer"  # a result: nobody picked up
DONE, FAILED, PARKED, UNKNOWN, DROPPED = "done", "failed", "parked", "unknown", "dropped"

STEPS = {
    PENDING: {CLAIMED, DROPPED},  # dropped: it is no longer true, and nobody heard it yet
    CLAIMED: {HANDING, PENDING, FAILED, PARKED, LISTED},  # crash here: safe to try again
    HANDING: {SENT, PENDING, FAILED, PARKED, UNKNOWN},  # crash here: nobody knows, so never again by itself
    SENT: {FAILED},  # it came back
    LISTED: {DONE, DROPPED},  # on the call sheet until a person of the volunteer point spoke with them
    DONE: set(),
    DROPPED: set(),
    FAILED: set(),
    PARKED: {PENDING, DROPPED},
    UNKNOWN: {SENT, PENDING, FAILED},
}
STATES = tuple(STEPS)
