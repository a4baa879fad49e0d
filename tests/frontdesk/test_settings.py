"""Settings are read once, are frozen, and a bad value is named in one sentence."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from frontdesk.settings import PROJECT_ROOT, Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("FRONTDESK_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


def test_everything_is_written_under_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(tmp_path))
    settings = read_settings()
    paths = [
        settings.tracker_db,
        settings.encoder_dir,
        settings.index_dir,
        settings.models_dir,
        settings.domain_dir,
        settings.products_file,
        settings.mail_dir,
        settings.logs_dir,
    ]
    assert all(path.is_relative_to(tmp_path) for path in paths)
    assert settings.store_url == f"sqlite+aiosqlite:///{tmp_path}/crm.db"
    assert settings.tracker_store_url == ""


def test_a_relative_state_folder_lies_in_the_project_wherever_the_command_is_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings().state_dir == PROJECT_ROOT / "var"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().gateway_port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", ["DATABASE_URL", "FRONTDESK_DATABASE_URL"])
def test_the_database_url_has_two_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "postgresql+asyncpg://host/shop")
    assert read_settings().store_url == "postgresql+asyncpg://host/shop"


def test_one_setting_moves_shop_and_tracker_to_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://shop:p%40ss@db.example:6432/moor?sslmode=require")
    settings = read_settings()
    server = "postgresql+asyncpg://shop:p%40ss@db.example:6432"
    assert settings.store_url == f"{server}/moor?sslmode=require"
    assert settings.tracker_store_url == f"{server}/moor_tracker?sslmode=require"


def test_the_tracker_store_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/shop")
    monkeypatch.setenv("FRONTDESK_TRACKER_URL", "postgresql://other/tracker")
    assert read_settings().tracker_store_url == "postgresql+asyncpg://other/tracker"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FRONTDESK_GATEWAY_PORT", "99999", "FRONTDESK_GATEWAY_PORT ('99999')"),
        ("FRONTDESK_RASA_PORT", "web", "FRONTDESK_RASA_PORT ('web')"),
        ("FRONTDESK_LOG_LEVEL", "loud", "use DEBUG, INFO"),
        ("FRONTDESK_DATABASE_URL", "mysql://host/shop", "there is no driver for mysql"),
        ("FRONTDESK_DATABASE_URL", "postgresql+psycopg://host/shop", "no driver for postgresql+psycopg"),
        ("FRONTDESK_DATABASE_URL", "shop.db", "no address of a database"),
        ("FRONTDESK_DATABASE_URL", "postgresql://user:a:b@c@host:port/x", "%40 for @"),
        ("DATABASE_URL", "postgresql://user@host", "it names no database"),
        ("FRONTDESK_TRACKER_URL", "redis://host", "there is no driver for redis"),
        ("FRONTDESK_TRACKER_URL", "sqlite:///x.db", "another PostgreSQL database"),
        ("FRONTDESK_RASA_PORT", "8080", "must differ"),
        ("FRONTDESK_PUBLIC_URL", "shop.example", "FRONTDESK_PUBLIC_URL"),
        ("FRONTDESK_LIMITS", "12", "FRONTDESK_LIMITS ('12')"),
        ("FRONTDESK_LIMITS", '{"messages": "many"}', "messages: "),
        ("FRONTDESK_LIMITS", '{"message": "12/minute"}', "message: Extra inputs"),
        ("FRONTDESK_KNOWLEDGE_VECTORS", "postgresql", "names no PostgreSQL"),
        ("FRONTDESK_TRUSTED_PROXIES", "10.0.0.7, 10.0.0.0/33", "10.0.0.0/33 is no address or network"),
        ("FRONTDESK_SHOP_ORIGINS", "https://shop.example/cart", "write https://shop.example"),
    ],
)
def test_a_bad_value_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_password_in_the_database_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://shop:hunter2@host/shop")
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert "hunter2" not in str(error.value)


def test_an_address_that_means_all_is_reached_by_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_GATEWAY_HOST", "0.0.0.0")
    assert read_settings().gateway_url == "http://127.0.0.1:8080"


def test_the_smtp_password_is_not_shown() -> None:
    assert "hunter2" not in repr(Settings(smtp_password="hunter2"))
