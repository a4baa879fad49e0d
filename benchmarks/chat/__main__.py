"""Latency of the running product under open-loop load.

    uv run python -m benchmarks.chat gateway    the gateway alone, with a bot that answers at once

Everything is started here over loopback, on free ports, with its files in var/benchmarks. Nothing else
should run on the machine. Each customer has a loopback address of their own, so the gateway's limits stay
as they are.
"""

import argparse
import asyncio

from benchmarks.chat import gateway

MEASUREMENTS = {
    "gateway": gateway.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=MEASUREMENTS)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each load lasts")
    options = parser.parse_args()
    asyncio.run(MEASUREMENTS[options.what](options))


if __name__ == "__main__":
    main()
