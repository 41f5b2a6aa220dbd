"""The photo of the front of an organisation: taken in only as pixels, so that nothing that hides in a file is kept."""

import io
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.organisations.models import Organisation, OrganisationPhoto

BYTES_MAX, PIXELS_MAX = 8_000_000, 50_000_000
SIDE = 1200  # pixels, of the longest side that is kept
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")


class NotAPhoto(Exception):
    """Too large, or no picture that we can read."""


def keep(organisation: Organisation, file: IO[bytes], *, size: int) -> None:
    """Written anew as a JPEG without EXIF: where and when a photo was taken stays with who took it. Replaces the last
    one. Raises NotAPhoto.
    """
    if size > BYTES_MAX:
        raise NotAPhoto
    OrganisationPhoto.objects.update_or_create(organisation=organisation, defaults={"jpeg": rewritten(file)})


def rewritten(file: IO[bytes]) -> bytes:
    """Only pixels, turned upright, at most SIDE wide and high. Raises NotAPhoto."""
    try:
        with Image.open(file, formats=FORMATS) as found:
            if found.width * found.height > PIXELS_MAX:
                raise NotAPhoto
            upright = ImageOps.exif_transpose(found).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhoto from error
    upright.thumbnail((SIDE, SIDE))
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def take_away(organisation: Organisation) -> None:
    """Twice is once."""
    OrganisationPhoto.objects.filter(organisation=organisation).delete()
