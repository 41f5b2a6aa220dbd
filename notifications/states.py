"""What a delivery can be, and which step leads where (each step is one fenced UPDATE)."""

PENDING, CLAIMED, HANDING, SENT, LISTED = "pending", "claimed", "handing", "sent", "listed"
DONE, FAILED, PARKED, UNKNOWN = "done", "failed", "parked", "unknown"

STEPS = {
    PENDING: {CLAIMED},
    CLAIMED: {HANDING, PENDING, FAILED, PARKED, LISTED},  # crash here: safe to try again
    HANDING: {SENT, PENDING, FAILED, PARKED, UNKNOWN},  # crash here: nobody knows, so never again by itself
    SENT: set(),
    LISTED: {DONE},  # on the call sheet until a person of the volunteer point spoke with them
    DONE: set(),
    FAILED: set(),
    PARKED: {PENDING},
    UNKNOWN: {SENT, PENDING},
}
STATES = tuple(STEPS)
