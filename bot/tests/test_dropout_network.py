import numpy as np

from components.dropout_network import StackedNetworks, fit
from tests.clusters import clusters


def examples(**options):
    features, labels = clusters(**options)
    _, right = np.unique(labels, return_inverse=True)
    return features * np.sqrt(features.shape[1]), right


def test_it_learns_what_no_straight_line_parts():
    random = np.random.default_rng(0)
    points = random.normal(size=(2000, 2))
    right = (points[:, 0] * points[:, 1] > 0).astype(int)
    network = fit(points[:1500], right[:1500], 2, seed=0)
    assert np.mean(network.log_probabilities(points[1500:]).argmax(axis=1) == right[1500:]) > 0.8


def test_probabilities_sum_to_one():
    features, right = examples()
    given = np.exp(fit(features, right, 3, seed=0).log_probabilities(features))
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-5)


def test_a_seed_gives_the_same_network_and_another_seed_another():
    features, right = examples()
    first, again, other = (fit(features, right, 3, seed).log_probabilities(features) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_one_example_of_each_is_enough():
    features, right = examples(intents=2, each=1)
    network = fit(features, right, 2, seed=0)
    assert (network.log_probabilities(features).argmax(axis=1) == right).all()


def test_several_networks_at_once_say_what_they_say_one_by_one():
    features, labels = clusters()
    right = np.unique(labels, return_inverse=True)[1]
    networks = [fit(features, right, 3, seed) for seed in (0, 1)]
    alone = np.mean([network.log_probabilities(features) for network in networks], axis=0)
    np.testing.assert_allclose(StackedNetworks(networks).log_probabilities(features), alone, atol=1e-5)
