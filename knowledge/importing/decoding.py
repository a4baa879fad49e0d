"""The text of a file in whatever encoding it was saved."""

from charset_normalizer import from_bytes

from knowledge.importing.entry import SourceUnreadable

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 200_000
_WESTERN = "cp1252"
_AS_WELL = 0.02


def decoded(data: bytes) -> str:
    """UTF-8 or UTF-16 where the bytes say so, else what the text looks like. Raises SourceUnreadable."""
    if data.startswith(_UTF_16):
        encoding = "utf-16"
    elif b"\0" in data:
        raise SourceUnreadable("holds binary data, not text.")
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # Around the first strange byte is what tells the encodings apart.
        start = max(0, error.start - _LOOKED_AT // 2)
        likely = from_bytes(data[start : start + _LOOKED_AT], preemptive_behaviour=False)
        best = likely.best()
        if best is None:
            raise SourceUnreadable("is in no encoding that can be told; save it as UTF-8.") from error
        # A few strange letters look as well in one code page as in another; most shops' tables are Western.
        western = any(match.encoding == _WESTERN and match.chaos <= best.chaos + _AS_WELL for match in likely)
        return data.decode(_WESTERN if western else best.encoding, errors="replace")
