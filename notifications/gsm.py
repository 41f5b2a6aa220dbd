"""What fits in one text message: 160 signs of the GSM alphabet (GSM 03.38), or 70 when one sign is not in it."""

import unicodedata

PLAIN = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = set("^{}\\[~]|€")  # each takes the room of two
LIKE = str.maketrans(
    {"ı": "i", "İ": "I", "ç": "c", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
)
WITHOUT_GSM = ("ar",)  # a script of its own: there is nothing to write it with instead


def as_gsm(text: str, language: str) -> str:
    """Signs that are not in the alphabet become the nearest that are (ë, ş, ğ); Arabic stays as it is."""
    if language in WITHOUT_GSM:
        return text
    return "".join(sign if sign in PLAIN or sign in DOUBLE else _nearest(sign) for sign in text.translate(LIKE))


def _nearest(sign: str) -> str:
    base = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return base if base and all(one in PLAIN for one in base) else sign


def segments(text: str) -> int:
    """How many messages it takes. A longer text loses seven signs in each to what ties them together."""
    if all(sign in PLAIN or sign in DOUBLE for sign in text):
        length, alone, tied = len(text) + sum(sign in DOUBLE for sign in text), 160, 153
    else:
        length, alone, tied = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // tied)
