"""A Word file as an article, or as several where it has several main headings."""

import io
import zipfile

import mammoth

from knowledge.importing.entry import Found, SourceUnreadable
from knowledge.importing.html_page import divided
from knowledge.importing.markdown_text import parsed

_LARGEST_UNPACKED = 200_000_000
_MOST_PARTS = 10_000
_TITLE_STYLE = "p[style-name='Title'] => h1:fresh"


def entries_of_docx(data: bytes, name: str) -> Found:
    """Headings, lists, tables and links survive; pictures do not. Raises SourceUnreadable."""
    _refuse_bombs(data)
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(data),
            convert_image=_no_picture,
            style_map=_TITLE_STYLE,
            include_embedded_style_map=False,
        ).value
    except RecursionError as error:
        raise SourceUnreadable("is nested too deeply to be an article.") from error
    except Exception as error:  # a damaged file fails wherever the reader happens to be
        raise SourceUnreadable(f"is a damaged Word file ({type(error).__name__}); save it anew.") from error
    yield from divided(parsed(html), name)


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise SourceUnreadable("is no Word file of today; save it as .docx.") from error
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise SourceUnreadable("unpacks to far more than any text; it is left alone.")
    if any(part.flag_bits & 1 for part in parts):
        raise SourceUnreadable("is protected by a password; save it without.")


def _no_picture(_image: object) -> list[object]:
    return []
