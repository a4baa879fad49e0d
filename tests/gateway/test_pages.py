"""Pages for customers."""

import aiohttp
import pytest

from knowledge.article import Article
from tests.gateway.conftest import StartGateway


async def test_an_article_has_a_page_as_long_as_it_holds(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await start_gateway()
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{gateway.url}help/delivery-times") as page:
            assert page.status == 200
            assert "<h1>" in await page.text()
        async with browser.get(f"{gateway.url}help/nothing-like-it") as page:
            assert page.status == 404
        monkeypatch.setattr(Article, "valid_on", lambda _article, _day: False)
        async with browser.get(f"{gateway.url}help/delivery-times") as page:
            assert page.status == 404
