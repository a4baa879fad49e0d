"""Strangers' pictures: decoded under limits and written anew, so that nothing but the picture is kept."""

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from crm.attachments.errors import PhotoRefused, PhotoRule

KINDS = ("JPEG", "PNG", "WEBP")
CONTENT_TYPE = "image/jpeg"
# A phone's camera makes 12 to 50 million; a file of a few kilobytes can claim billions.
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2_400
_QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """A JPEG without place, time or camera in it, upright."""

    content: bytes
    width: int
    height: int


def clean_picture(content: bytes) -> Picture:
    """The picture as it is kept. Takes up to a second of one core. Raises PhotoRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=KINDS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise PhotoRefused(PhotoRule.TOO_MANY_PIXELS)
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                return _written(_on_white(upright))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PhotoRefused(PhotoRule.TOO_MANY_PIXELS) from error
    # A broken file fails in whatever way its decoder chooses.
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PhotoRefused(PhotoRule.NOT_A_PHOTO) from error


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, which JPEG does not know."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _written(image: Image.Image) -> Picture:
    # A new image takes the pixels and nothing else.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    buffer = BytesIO()
    bare.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(buffer.getvalue(), bare.width, bare.height)
