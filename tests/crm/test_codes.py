"""One-time codes: hard to guess from their hash, and as slow for a wrong guess as for a right one."""

import re

from crm.identity.codes import code_matches, hash_code, new_code


def test_a_code_is_six_digits_and_may_begin_with_zero() -> None:
    codes = {new_code() for _ in range(300)}
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert len(codes) > 290
    assert any(code.startswith("0") for code in codes)


def test_the_hash_is_as_costly_as_owasp_asks_for() -> None:
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in hash_code("123456")


def test_only_the_code_itself_matches_however_it_is_spaced() -> None:
    hashed = hash_code("012345")
    assert code_matches(hashed, "012345")
    assert code_matches(hashed, " 012-345 ")
    assert not code_matches(hashed, "12345")
    assert not code_matches(hashed, "0123456")


def test_without_a_code_nothing_matches() -> None:
    assert not code_matches(None, "")
    assert not code_matches(None, "123456")
