"""What an opportunity can be, and which step leads where."""

DRAFT, REVIEW, BLOCKED, PUBLISHED, PAUSED, CLOSED = "draft", "review", "blocked", "published", "paused", "closed"

STEPS = {
    DRAFT: {PUBLISHED, REVIEW, BLOCKED, CLOSED, DRAFT},
    REVIEW: {PUBLISHED, DRAFT, BLOCKED, CLOSED, REVIEW},  # a coordinator's yes, or the organisation changes it
    BLOCKED: {DRAFT, CLOSED},  # only the volunteer point takes it out again
    PUBLISHED: {PAUSED, CLOSED, DRAFT, REVIEW, BLOCKED},  # a changed text is checked again
    PAUSED: {PUBLISHED, CLOSED, DRAFT, REVIEW, BLOCKED},
    CLOSED: set(),
}
STATES = tuple(STEPS)


def may_step(old: str, new: str) -> bool:
    return new in STEPS[old]
