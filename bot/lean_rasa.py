"""Rasa's command line in a process that loads TensorFlow only if a model needs it.

    .venv/bin/python lean_rasa.py run --enable-api --model MODEL

For serving; training imports all of Rasa's components and gains nothing.
"""

from __future__ import annotations

from components import deferred_imports


def main() -> None:
    deferred_imports.install()
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
