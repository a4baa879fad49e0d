"""A wrong answer is put right: the trainer corrects the article, and the customer who was told reads it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from tests.e2e.chromium import needs_chromium
from tests.e2e.shop import PATIENCE_MS, Shop
from tests.stack import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

ARTICLES = ROOT / "knowledge" / "articles"
CORRECTION = "A card left by the driver is kept for 7 days, not for as long as we said."


def index(shop: Shop, articles: Path) -> None:
    state = shop.stack.state_dir
    build_index(articles, state / "knowledge", SentenceEncoder(state / "encoder"))


@pytest.fixture
def corrected(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """A copy of the articles to be corrected; afterwards the bot answers from the shop's own again."""
    yield shutil.copytree(ARTICLES, tmp_path / "articles")
    index(shop, ARTICLES)


def recall(shop: Shop) -> str:
    """What the trainer's command says."""
    words = ("--send", CORRECTION, "--by", "Robin", "--yes")
    done = subprocess.run(
        [sys.executable, "-m", "frontdesk", "knowledge", "recall", "missed-delivery", *words],
        cwd=ROOT,
        env=shop.stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_who_was_told_the_old_text_reads_the_correction_in_the_open_chat(
    browser: Browser, shop: Shop, corrected: Path
) -> None:
    async with shop.customer(browser) as customer:
        await customer.write("i missed my parcel, there was a card. what now")
        helped = customer.page.get_by_role("group", name="Did this help?")
        await helped.get_by_role("button", name="No").click(timeout=PATIENCE_MS)
        await expect(customer.page.get_by_role("log").get_by_role("status")).not_to_be_empty()

        file = corrected / "missed-delivery.md"
        front, body = file.read_text(encoding="utf-8").split("---\n", 2)[1:]
        assert body.strip()
        file.write_text(f"---\n{front}---\nEverything about this is new from today on.\n", encoding="utf-8")
        index(shop, corrected)
        # Others of this session may have been told the same.
        assert re.search(r"Sent: [1-9]\d* in the chat", recall(shop))
        await customer.sees(CORRECTION)
        await customer.sees("that wasn't right")
