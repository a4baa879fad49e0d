"""A database that cannot be used is described in one sentence that says what to do."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crm.database import STORE_ERRORS, Database
from crm.migrate import migrate
from frontdesk.database_problem import unusable
from tests.stores import WITH_PASSWORD, PostgresStores


@pytest.fixture(scope="module")
def server(postgresql_stores: PostgresStores) -> PostgresStores:
    """With a user who needs a password and one who owns nothing."""
    make = f"CREATE ROLE {WITH_PASSWORD} LOGIN PASSWORD 'right'; CREATE ROLE visitor LOGIN"
    asyncio.run(postgresql_stores.execute(make))
    return postgresql_stores


async def sentence_about(url: str) -> str:
    database = Database(url)
    with pytest.raises(STORE_ERRORS) as error:
        await database.ping()
    await database.close()
    return said(url, error.value)


def said(url: str, error: Exception) -> str:
    sentence = str(unusable(url, error))
    assert "\n" not in sentence
    return sentence


async def test_a_right_password_is_let_in(server: PostgresStores) -> None:
    database = Database(server.url("postgres", f"{WITH_PASSWORD}:right"))
    await database.ping()
    await database.close()


async def test_a_wrong_password_is_named_and_not_shown(server: PostgresStores) -> None:
    sentence = await sentence_about(server.url("postgres", f"{WITH_PASSWORD}:wr0ng"))
    assert f"does not let {WITH_PASSWORD} in: check user and password in DATABASE_URL" in sentence
    assert "wr0ng" not in sentence


async def test_a_user_that_is_not_there_is_a_wrong_login(server: PostgresStores) -> None:
    assert "does not let nobody in" in await sentence_about(server.url("postgres", "nobody"))


async def test_a_missing_database_comes_with_the_command_that_makes_it(server: PostgresStores) -> None:
    sentence = await sentence_about(server.url("moor"))
    assert "has no database moor: create it (`createdb --owner postgres moor`)" in sentence


async def test_somebody_elses_database_comes_with_the_command_that_gives_it(server: PostgresStores) -> None:
    async with server.store() as url:
        foreign = make_url(url).set(username="visitor").render_as_string(hide_password=False)
        with pytest.raises(STORE_ERRORS) as error:
            await migrate(foreign)
    assert "OWNER TO visitor" in said(foreign, error.value)


async def test_a_socket_folder_without_a_server_is_named(tmp_path: Path) -> None:
    sentence = await sentence_about(f"postgresql+asyncpg://shop@/moor?host={tmp_path}")
    assert f"No PostgreSQL answers at {tmp_path}" in sentence


async def test_a_port_without_a_server_is_named() -> None:
    sentence = await sentence_about("postgresql+asyncpg://shop:secret@127.0.0.1:1/moor")
    assert "No PostgreSQL answers at 127.0.0.1:1" in sentence
    assert "secret" not in sentence


async def test_an_option_that_makes_no_sense_is_named(server: PostgresStores) -> None:
    sentence = await sentence_about(server.url("postgres") + "&sslmode=perhaps")
    assert "sslmode" in sentence
    assert "check DATABASE_URL" in sentence


async def test_options_of_the_client_library_are_no_obstacle(server: PostgresStores) -> None:
    database = Database(server.url("postgres") + "&sslmode=disable&connect_timeout=5&application_name=shop")
    await database.ping()
    await database.close()
