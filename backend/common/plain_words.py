"""Words as they are compared: lower case, without accents, one form of each Arabic letter."""

import unicodedata

# Writers of Arabic mix these forms; readers do not mind.
ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": None})


def plain(text: str) -> str:
    """Lower case, no accents or vowel signs, one form of each Arabic letter."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(ARABIC))
    return "".join(one for one in apart if not unicodedata.combining(one))


def words_of(asked: str) -> list[str]:
    """What somebody typed to search, as words to compare; a sign that no text can hold is no word."""
    return plain(asked).replace("\0", " ").split()
