"""The desk's page and its files, with headers that let nothing else run or frame them."""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
KINDS = frozenset({".css", ".js", ".svg"})

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Checked with the ETag each time: a new release must not meet yesterday's modules.
    "Cache-Control": "no-cache",
}


class DeskPages:
    """Serves the files under static/ by exact name; the names are read once."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._index = folder / "index.html"
        self._files = {
            path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in KINDS
        }

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """GET /desk."""
        return web.FileResponse(self._index, headers=HEADERS)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """GET /desk/static/<name>."""
        path = self._files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=HEADERS)
