"""Words live in YAML: the gateway's code has none of its own, and every key it asks for is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import crm
import gateway
from gateway.wording import TEXTS_DIR, MissingText, Wording

# The interface is described for programmers, who read it in English.
SOURCES = sorted(path for path in Path(gateway.__file__).parent.rglob("*.py") if "openapi" not in path.parts)
SENTENCE = re.compile(r"[A-Z][\w']+(?:[ ,]+[\w'{}]+){3,}[.?!…]")


def sentences_in(source: Path) -> Iterator[str]:
    """String literals that read like a sentence, other than docstrings and the texts of our exceptions."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    unseen = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and is_text(node.value)]
    unseen += [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and not is_http(node)]
    silent = {id(part) for node in unseen for part in ast.walk(node)}
    for node in ast.walk(tree):
        if is_text(node) and id(node) not in silent and SENTENCE.search(node.value):
            yield f"{source.name}:{node.lineno}: {node.value}"


def is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_http(raised: ast.Raise) -> bool:
    """An HTTP answer is an exception in aiohttp, but people read it."""
    return "HTTP" in ast.unparse(raised)


def keys_in(source: Path) -> list[str]:
    """Keys given literally to a Wording."""
    return re.findall(r"wording(?:\.choices)?\(\s*\"([a-z_.]+)\"", source.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.stem))
def test_no_sentence_for_customers_stands_in_code(source: Path) -> None:
    assert list(sentences_in(source)) == []


@pytest.mark.parametrize("locale", [file.stem for file in TEXTS_DIR.glob("*.yml")])
def test_every_key_that_code_names_is_in_the_locale(locale: str) -> None:
    wording = Wording(locale, shop="Maple & Moor")
    named = {key for source in SOURCES for key in keys_in(source)}
    assert len(named) > 10
    missing = [key for key in sorted(named) if not (wording.has(key) or wording.choices(key))]
    assert missing == []


@pytest.mark.parametrize("locale", [file.stem for file in TEXTS_DIR.glob("*.yml")])
def test_every_effect_of_a_turn_has_words_for_the_customer(locale: str) -> None:
    """Told where the turn itself was given up: "it did go through" says nothing without what it was."""
    wording = Wording(locale, shop="Maple & Moor")
    services = "\n".join(file.read_text(encoding="utf-8") for file in Path(crm.__file__).parent.rglob("*.py"))
    effects = set(re.findall(r"once\([^)]*action=\"(\w+)\"", services))
    effects |= set(re.findall(r"^ACTION = \"(\w+)\"", services, re.M))
    # The wishes that note_wish writes down are named by the actions.
    effects |= {"request_new_email", "request_new_name", "request_erase", "request_copy"}
    assert len(effects) > 10
    assert [effect for effect in sorted(effects) if not wording.has(f"effects.{effect}")] == []


def test_a_key_that_is_not_there_is_an_error_and_not_an_empty_sentence() -> None:
    with pytest.raises(MissingText, match="no_such_key"):
        Wording("en", shop="Maple & Moor")("no_such_key")
