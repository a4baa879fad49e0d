import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from components.softmax_regression import fit
from tests.clusters import clusters


def test_dense_sparse_and_mixed_features_give_the_very_same_model():
    features, labels = clusters()
    features[:, 40:][np.abs(features[:, 40:]) < 0.1] = 0
    dense, sparse = (
        fit(kind, labels, 10).probabilities(features) for kind in (features, csr_matrix(features))
    )
    np.testing.assert_allclose(dense, sparse, atol=2e-3)


def test_it_is_the_model_that_scikit_learn_finds():
    features, labels = clusters()
    expected = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(features, labels)
    np.testing.assert_allclose(
        fit(features, labels, 10).probabilities(features), expected.predict_proba(features), atol=5e-3
    )


def test_a_known_model_shortens_the_way_and_changes_nothing():
    features, labels = clusters()
    cold, warm = fit(features, labels, 50), fit(features, labels, 50, start=fit(features, labels, 20))
    np.testing.assert_allclose(cold.probabilities(features), warm.probabilities(features), atol=5e-3)
