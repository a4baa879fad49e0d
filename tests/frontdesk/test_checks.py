"""What `frontdesk doctor` finds: each failure is a sentence with what to do about it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from sentence_encoder import SentenceEncoder
from sqlalchemy.engine import make_url

from crm.migrate import migrate
from frontdesk.bot_process import prepare_tracker_file
from frontdesk.checks import Finding, Verdict, databases, environment
from frontdesk.checks.databases import database_checks
from frontdesk.checks.environment import environment_checks
from frontdesk.checks.mail import mail_checks
from frontdesk.checks.state import state_checks
from frontdesk.settings import Settings
from frontdesk.tracker_store import prepare_tracker_database
from knowledge.index import build_index
from tests.knowledge.factories import write_two_articles
from tests.stores import PostgresStores


def settings(state_dir: Path, **values: object) -> Settings:
    return Settings.model_validate({"state_dir": state_dir, "DATABASE_URL": "", **values})


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    assert all(finding.remedy for finding in findings if finding.verdict is not Verdict.OK)
    return {finding.subject: finding for finding in findings}


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    return settings(tmp_path)


async def test_a_fresh_state_folder_is_no_failure(shop: Settings) -> None:
    found = by_subject(await database_checks(shop))
    assert {finding.verdict for finding in found.values()} == {Verdict.WARN}
    assert "frontdesk up" in found["Database"].remedy


async def test_sqlite_is_told_with_version_file_size_and_revision(shop: Settings) -> None:
    await migrate(shop.store_url)
    prepare_tracker_file(shop.tracker_db)
    found = by_subject(await database_checks(shop))
    assert found["Database"].verdict is Verdict.OK
    assert found["Database"].found.startswith("SQLite 3.")
    assert "MB, at revision 0" in found["Database"].found
    assert found["Tracker store"].verdict is Verdict.OK


async def test_an_old_schema_comes_with_the_command_that_mends_it(shop: Settings) -> None:
    await migrate(shop.store_url, "0001_initial")
    finding = by_subject(await database_checks(shop))["Database"]
    assert finding.verdict is Verdict.WARN
    assert "at revision 0001_initial instead of" in finding.found
    assert "frontdesk db migrate" in finding.remedy


@pytest.mark.parametrize("subject", ["Database", "Tracker store"])
async def test_a_file_that_is_no_database_is_a_failure(shop: Settings, subject: str) -> None:
    file = shop.tracker_db if subject == "Tracker store" else shop.state_dir / "crm.db"
    file.write_bytes(b"a recipe for scones" * 100)
    finding = by_subject(await database_checks(shop))[subject]
    assert finding.verdict is Verdict.FAIL
    assert "not a database" in finding.remedy


async def test_postgresql_is_told_with_version_revision_and_clock(
    postgresql_stores: PostgresStores, tmp_path: Path
) -> None:
    async with postgresql_stores.store() as url:
        shop = settings(tmp_path, DATABASE_URL=url)
        before = by_subject(await database_checks(shop))
        await migrate(url)
        await prepare_tracker_database(shop.tracker_store_url, url)
        found = by_subject(await database_checks(shop))
        await postgresql_stores.execute(f"DROP DATABASE {make_url(shop.tracker_store_url).database}")
    assert before["Tracker store"].verdict is Verdict.WARN
    assert {finding.verdict for finding in found.values()} == {Verdict.OK}
    assert found["Database"].found.startswith("PostgreSQL 1")
    assert list(found) == ["Database", "Clock of the database", "Tracker store"]


async def test_a_server_that_is_away_is_a_failure_for_both_databases(tmp_path: Path) -> None:
    shop = settings(tmp_path, DATABASE_URL="postgresql://shop:hunter2@127.0.0.1:1/moor")
    findings = await database_checks(shop)
    assert [finding.verdict for finding in findings] == [Verdict.FAIL] * 2
    assert all("No PostgreSQL answers at 127.0.0.1:1" in finding.remedy for finding in findings)
    assert "hunter2" not in repr(findings)


def test_clocks_that_disagree_are_worth_a_word() -> None:
    assert databases._clocks(timedelta(seconds=1)).verdict is Verdict.OK
    assert "90 s behind" in databases._clocks(timedelta(seconds=-90)).found
    assert "90 s ahead" in databases._clocks(timedelta(seconds=90)).found


def test_a_full_server_and_an_old_one_are_worth_a_word() -> None:
    assert databases._connections(100, 20) == []
    assert "max_connections" in databases._connections(100, 90)[0].remedy
    assert "13.2" in databases._age("13.2", 13)[0].found
    assert databases._age("18.4", 18) == []


async def test_an_article_changed_after_the_index_was_made_is_noticed(
    tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    (tmp_path / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    build_index(articles, tmp_path / "knowledge", SentenceEncoder(encoder_folder))
    monkeypatch.setattr(Settings, "articles_dir", articles)
    shop = settings(tmp_path)
    assert by_subject(await state_checks(shop))["Knowledge index"].verdict is Verdict.OK
    file = min(articles.glob("*.md"))
    file.write_text(f"{file.read_text()}\n\nAnd one more thing that customers ask for.\n")
    finding = by_subject(await state_checks(shop))["Knowledge index"]
    assert finding.verdict is Verdict.WARN
    assert "have changed since" in finding.found


async def test_a_full_disk_is_a_failure(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "NO_ROOM_GB", 1e9)
    assert by_subject(await environment_checks(shop))["Disk"].verdict is Verdict.FAIL


def nobody(*_: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


@pytest.fixture
async def mail_server() -> AsyncIterator[int]:
    """The port of a server that cannot encrypt, and that refuses every login."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(None, hostname="localhost", authenticator=nobody, auth_require_tls=False),
        "127.0.0.1",
        0,
    )
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def mailing(state_dir: Path, port: int, **values: object) -> Settings:
    return settings(state_dir, smtp_host="127.0.0.1", smtp_port=port, **{"smtp_starttls": False, **values})


async def test_a_mail_server_that_answers_is_well(tmp_path: Path, mail_server: int) -> None:
    [finding] = await mail_checks(mailing(tmp_path, mail_server))
    assert (finding.verdict, finding.found) == (Verdict.OK, f"127.0.0.1:{mail_server} answers")


async def test_a_wrong_login_at_the_mail_server_names_its_settings(tmp_path: Path, mail_server: int) -> None:
    [finding] = await mail_checks(mailing(tmp_path, mail_server, smtp_user="shop", smtp_password="hunter2"))
    assert finding.verdict is Verdict.FAIL
    assert "FRONTDESK_SMTP_USER" in finding.remedy
    assert "hunter2" not in repr(finding)


async def test_a_mail_server_that_cannot_encrypt_or_is_away_is_a_failure(
    tmp_path: Path, mail_server: int
) -> None:
    for shop in (mailing(tmp_path, mail_server, smtp_starttls=True), mailing(tmp_path, 1)):
        [finding] = await mail_checks(shop)
        assert finding.verdict is Verdict.FAIL
        assert "FRONTDESK_SMTP_HOST" in finding.remedy


async def test_only_a_demo_may_keep_its_mail_in_a_folder(tmp_path: Path) -> None:
    [demo] = await mail_checks(settings(tmp_path, demo=True))
    [real] = await mail_checks(settings(tmp_path, demo=False))
    assert (demo.verdict, real.verdict) == (Verdict.OK, Verdict.WARN)
