"""In a process of its own: this one has imported Rasa long ago."""

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import numpy
from components import deferred_imports

deferred_imports.install()
deferred_imports.install()
import rasa.core.agent, rasa.nlu.test
from components import entity_ruler
from rasa.utils import train_utils

rare = [name for name in ("tensorflow", "matplotlib") if name in sys.modules]
installed = [type(finder).__name__ for finder in sys.meta_path].count("_Finder")
file = train_utils.__file__
still = [name for name in ("tensorflow", "matplotlib") if name in sys.modules]
order, _ = train_utils.rank_and_mask(numpy.array([0.1, 0.9]))
try:
    train_utils.no_such_name
except AttributeError as error:
    missing = str(error)
print(json.dumps([rare, installed, still, order.tolist(), "tensorflow" in sys.modules, missing]))
"""


def test_rasa_comes_without_tensorflow_and_figures_until_something_is_asked_of_them():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    rare, installed, still, order, loaded, missing = json.loads(done.stdout.splitlines()[-1])
    assert rare == []
    assert installed == 1, "twice is as good as once"
    assert still == [], "where a module lies can be asked without loading it"
    assert order == [1, 0], "it does what it always did"
    assert loaded
    assert missing == "module 'rasa.utils.train_utils' has no attribute 'no_such_name'"
