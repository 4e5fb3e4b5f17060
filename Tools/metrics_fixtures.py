"""Writes Tests/Evaluation/Fixtures/metrics.json: what scikit-learn says of 1000 random cases.

    python Tools/metrics_fixtures.py Tests/Evaluation/Fixtures/metrics.json

Only the answers are stored. The cases themselves come from SplitMix64, which the test runs as well.
"""
import json
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn import metrics

MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


def case(number):
    """Truths and probabilities (float32) of one case; some classes are rare, absent or never predicted."""
    random = SplitMix64(number)
    classes = 2 + random.below(6)
    images = 4 + random.below(60)
    favours = [[1, 1, 1, 4, 0][random.below(5)] for _ in range(classes)]
    occurring = classes - random.below(2) if classes > 2 else classes
    truth, rows = [], []
    for _ in range(images):
        # Weights of a row differ by construction, so that no rank depends on how ties are broken.
        weights = [(1 + favours[c] * random.below(200)) * classes + c for c in range(classes)]
        total = sum(weights)
        best = weights.index(max(weights))
        rows.append([np.float32(w / total) for w in weights])
        truth.append(best % occurring if random.below(10) < 6 else random.below(occurring))
    return classes, np.array(truth), np.array(rows, dtype=np.float32).astype(np.float64)


def calibration_error(truth, rows, bins=15):
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == truth
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return sum(abs(right[index == b].mean() - confidence[index == b].mean()) * (index == b).mean()
               for b in range(bins) if (index == b).any())


def answers(number):
    classes, truth, rows = case(number)
    predicted = rows.argmax(axis=1)
    labels = list(range(classes))
    averages = [metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)[:3]
                for average in ("macro", "weighted", "micro")]
    right = int((truth == predicted).sum())
    wilson = binomtest(right, len(truth)).proportion_ci(0.95, method="wilson")
    # Few distinct scores, so that ties matter.
    scores, positive = np.floor(rows[:, 0] * 8), truth == 0
    both = positive.any() and not positive.all()
    return [
        metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
        metrics.accuracy_score(truth, predicted),
        metrics.balanced_accuracy_score(truth, predicted),
        *[value for average in averages for value in average],
        metrics.f1_score(truth, predicted, labels=labels, average=None, zero_division=0).tolist(),
        1.0 if classes == 2 else metrics.top_k_accuracy_score(truth, rows, k=2, labels=labels),
        metrics.log_loss(truth, rows, labels=labels),
        metrics.roc_auc_score(positive, scores) if both else None,
        metrics.average_precision_score(positive, scores) if positive.any() else None,
        calibration_error(truth, rows),
        wilson.low, wilson.high,
    ]


def rounded(value):
    if isinstance(value, (list, tuple)):
        return [rounded(element) for element in value]
    return round(float(value), 7) if isinstance(value, float) else value


warnings.simplefilter("ignore")
document = {
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "columns": ["confusion", "accuracy", "balanced_accuracy"]
    + [f"{score}_{average}" for average in ("macro", "weighted", "micro") for score in ("precision", "recall", "f1")]
    + ["f1", "top_2", "log_loss", "roc_auc", "average_precision", "ece", "wilson_lower", "wilson_upper"],
    "cases": [rounded(answers(number)) for number in range(1000)],
}
with open(sys.argv[1], "w") as file:
    text = json.dumps(document, separators=(",", ":"))
    file.write(text.replace('"cases":[', '"cases":[\n').replace("],[[", "],\n[[") + "\n")
