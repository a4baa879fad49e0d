import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from components.softmax_regression import fit, fit_path
from tests.clusters import clusters


def probabilities(model, features):
    return np.exp(model.log_probabilities(features)[0])


def test_dense_sparse_and_mixed_features_give_the_very_same_model():
    features, labels = clusters()
    features[:, 40:][np.abs(features[:, 40:]) < 0.1] = 0
    dense, sparse = (
        probabilities(fit(kind, labels, 10), features) for kind in (features, csr_matrix(features))
    )
    np.testing.assert_allclose(dense, sparse, atol=2e-3)


def test_it_is_the_model_that_scikit_learn_finds():
    features, labels = clusters()
    expected = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(features, labels)
    np.testing.assert_allclose(
        probabilities(fit(features, labels, 10), features), expected.predict_proba(features), atol=5e-3
    )


def test_a_known_model_shortens_the_way_and_changes_nothing():
    features, labels = clusters()
    cold, warm = fit(features, labels, 50), fit(features, labels, 50, start=fit(features, labels, 20))
    np.testing.assert_allclose(probabilities(cold, features), probabilities(warm, features), atol=5e-3)


def test_along_a_path_of_strengths_each_model_is_the_one_found_alone():
    features, labels = clusters()
    for model in fit_path(features, labels, (5, 20, 80)):
        alone = fit(features, labels, model.c)
        np.testing.assert_allclose(probabilities(model, features), probabilities(alone, features), atol=1e-2)


def test_energy_is_larger_for_what_resembles_the_examples():
    features, labels = clusters(each=50)
    model = fit(features, labels, 20)
    _, near = model.log_probabilities(clusters(each=50, seed=1)[0])
    far = np.random.default_rng(1).normal(size=features.shape).astype(np.float32)
    _, strange = model.log_probabilities(far / np.linalg.norm(far, axis=1, keepdims=True))
    assert near.mean() > strange.mean()
