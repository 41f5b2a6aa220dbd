"""Codes on printed cards: 8 signs without vowels, and without those that look alike."""

import secrets

from django.utils.crypto import salted_hmac

SIGNS = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH, HALF = 8, 4


def new_code() -> str:
    return "".join(secrets.choice(SIGNS) for _sign in range(LENGTH))


def shown(code: str) -> str:
    """As it is printed: 7F3K-9QPD."""
    return f"{code[:HALF]}-{code[HALF:]}"


def plain(typed: str) -> str:
    """What somebody typed, without dashes and spaces, in capitals."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def hash_of(code: str) -> str:
    """With the secret of this installation: the codes are short."""
    return salted_hmac("card-code", code, algorithm="sha256").hexdigest()


def typed(text: str) -> str:
    """A code that came back with a form; another one when somebody changed it into none."""
    code = plain(text)
    return code if len(code) == LENGTH and set(code) <= set(SIGNS) else new_code()
