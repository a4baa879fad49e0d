import numpy as np

from components.folds import NEVER, fold_numbers


def test_every_fold_leaves_each_intent_something_to_learn_from():
    labels = ["a"] * 2 + ["b"] * 3 + ["c"] * 41
    numbers = fold_numbers(labels, 4)
    names = np.array(labels)
    for fold in range(4):
        assert set(names[numbers != fold]) == {"a", "b", "c"}


def test_folds_are_of_like_size():
    assert max(np.bincount(fold_numbers(["a"] * 5 + ["b"] * 6 + ["c"] * 2, 4))) == 4


def test_an_only_example_is_never_kept_aside():
    assert list(fold_numbers(["a", "b", "b", "c"], 4) == NEVER) == [True, False, False, True]


def test_the_same_labels_give_the_same_folds():
    labels = [str(number % 7) for number in range(50)]
    np.testing.assert_array_equal(fold_numbers(labels, 4), fold_numbers(labels, 4))
