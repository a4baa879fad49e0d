"""The catalogue's names as the bot gets them."""

from pathlib import Path

import yaml

from crm.database import Database
from crm.products.names import synonyms_of, write_product_names
from tests.crm.factories import make_product


def test_short_forms_and_the_other_number_are_synonyms() -> None:
    assert synonyms_of(["Fell Waterproof Jacket"]) == {
        "Fell Waterproof Jacket": [
            "fell jacket",
            "fell jackets",
            "fell waterproof jacket",
            "fell waterproof jackets",
            "waterproof jacket",
            "waterproof jackets",
        ]
    }


def test_what_could_be_two_products_is_nobodys_synonym() -> None:
    synonyms = synonyms_of(["Fell Rain Jacket", "Tarn Rain Jacket"])
    assert all("rain jacket" not in forms for forms in synonyms.values())
    assert "tarn jacket" in synonyms["Tarn Rain Jacket"]


async def test_the_file_changes_only_with_the_catalogue(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "entities" / "products.yml"
    async with database.transaction() as session:
        session.add(make_product(name="Fell Jacket"))
        await session.flush()
        assert await write_product_names(session, path)
        written = path.stat().st_mtime_ns
        assert not await write_product_names(session, path)
        assert path.stat().st_mtime_ns == written
        session.add(make_product(name="Kiln Stoneware Mug"))
        await session.flush()
        assert await write_product_names(session, path)
    products = yaml.safe_load(path.read_text())["products"]
    assert [product["name"] for product in products] == ["Fell Jacket", "Kiln Stoneware Mug"]
    assert [file.name for file in path.parent.iterdir()] == ["products.yml"]
