"""A bot that answers at once: what the gateway costs is then all that is measured.

python -m benchmarks.chat.quick_bot PORT
"""

import sys

from aiohttp import web


async def _answer(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response([{"recipient_id": body["sender"], "text": "It is 69.00, and in stock."}])


async def _status(_request: web.Request) -> web.Response:
    return web.json_response({"model_file": "quick"})


async def _tracker(_request: web.Request) -> web.Response:
    return web.json_response({"events": []})


def main() -> None:
    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", _answer)
    app.router.add_get("/status", _status)
    app.router.add_get("/conversations/{sender}/tracker", _tracker)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
