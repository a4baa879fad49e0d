"""Which kernels the bot's old OpenBLAS should use.

The newest numpy that Rasa's TensorFlow allows carries an OpenBLAS that is older than many processors: one it
does not know gets kernels of 2004, and training and every message's products of matrices take six times as
long. The name of a family it does know, by what the processor can do, mends that.
"""

from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"

_CPU_INFO = Path("/proc/cpuinfo")
_FAMILIES = (
    ("SKYLAKEX", frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})),
    ("HASWELL", frozenset({"avx2", "fma"})),
)


def kernels_for_this_processor(cpu_info: Path = _CPU_INFO) -> dict[str, str]:
    """The variable that OpenBLAS reads; empty where it does well by itself, or nothing can be told."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    flags = next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())
    for family, needed in _FAMILIES:
        if needed <= flags:
            return {VARIABLE: family}
    return {}
