from pathlib import Path

import pytest

from frontdesk.blas_kernels import kernels_for_this_processor
from frontdesk.bot_process import bot_environment

AVX2 = "fpu sse2 avx avx2 fma"
AVX512 = f"{AVX2} avx512f avx512bw avx512cd avx512dq avx512vl amx_tile"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (AVX512, {"OPENBLAS_CORETYPE": "SKYLAKEX"}),
        (AVX2, {"OPENBLAS_CORETYPE": "HASWELL"}),
        ("fpu sse2", {}),
    ],
)
def test_the_family_is_the_newest_whose_instructions_the_processor_has(
    tmp_path: Path, flags: str, expected: dict[str, str]
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n", encoding="utf-8")

    assert kernels_for_this_processor(tmp_path / "cpuinfo") == expected


def test_where_nothing_can_be_told_openblas_chooses(tmp_path: Path) -> None:
    assert kernels_for_this_processor(tmp_path / "not there") == {}


def test_an_operator_who_names_a_family_gets_it(tmp_path: Path) -> None:
    environment = bot_environment({"OPENBLAS_CORETYPE": "Zen"}, state_dir=tmp_path)

    assert environment["OPENBLAS_CORETYPE"] == "Zen"
