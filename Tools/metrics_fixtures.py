"""Writes Tests/Evaluation/Fixtures: what scikit-learn and SciPy say of random cases.

    python Tools/metrics_fixtures.py Tests/Evaluation/Fixtures

- metrics.json: the metrics of classes and the first ones of probabilities, 1000 cases.
- agreement.json: kappa, Matthews' correlation, Brier score, areas one class against the rest, the same 1000 cases.
- per_class.json: precision, recall, support and areas of each class, the same 1000 cases; Wilson's intervals, 100 cases.
- curves.json: ROC and precision-recall curves and thresholds, 60 cases.
- tests.json: McNemar's test, and temperatures fitted to logits.

Only the answers are stored. The cases themselves come from SplitMix64, which the tests run as well.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.optimize import brentq
from scipy.special import softmax
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
    """Truths and probabilities (float32) of one case; some classes are rare, absent or never predicted.

    Every 25th case is a single image; in every 10th the probabilities of an image may be equal, in every 20th they are 0
    and 1.
    """
    random = SplitMix64(number)
    classes = 2 + random.below(6)
    images = 4 + random.below(60)
    if number % 25 == 24:
        images = 1
    favours = [[1, 1, 1, 4, 0][random.below(5)] for _ in range(classes)]
    occurring = classes - random.below(2) if classes > 2 else classes
    truth, rows = [], []
    for _ in range(images):
        if number % 10 == 9:
            weights = [1 + random.below(3) for _ in range(classes)]
        elif number % 20 == 7:
            sure = random.below(classes)
            weights = [int(c == sure) for c in range(classes)]
        else:
            weights = [(1 + favours[c] * random.below(200)) * classes + c for c in range(classes)]
        total = sum(weights)
        best = weights.index(max(weights))
        rows.append([np.float32(w / total) for w in weights])
        truth.append(best % occurring if random.below(10) < 6 else random.below(occurring))
    return classes, np.array(truth), np.array(rows, dtype=np.float32).astype(np.float64)


def calibration_gaps(truth, rows, bins=15):
    """|accuracy - confidence| and the share of the images, of each bin that has some."""
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == truth
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return [(abs(right[index == b].mean() - confidence[index == b].mean()), (index == b).mean())
            for b in range(bins) if (index == b).any()]


def top_2(truth, rows, labels):
    """Of equally probable classes the first ranks first; without ties this is scikit-learn's number."""
    ours = np.mean([t in np.argsort(-row, kind="stable")[:2] for t, row in zip(truth, rows)])
    if len(labels) > 2 and all(len(set(row)) == len(row) for row in rows):
        assert np.isclose(ours, metrics.top_k_accuracy_score(truth, rows, k=2, labels=labels))
    return ours


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
        top_2(truth, rows, labels),
        metrics.log_loss(truth, rows, labels=labels),
        metrics.roc_auc_score(positive, scores) if both else None,
        metrics.average_precision_score(positive, scores) if positive.any() else None,
        sum(gap * share for gap, share in calibration_gaps(truth, rows)),
        wilson.low, wilson.high,
    ]


def mean(values):
    return float(np.mean(values)) if values else None


def agreement(number):
    classes, truth, rows = case(number)
    predicted = rows.argmax(axis=1)
    kappa = metrics.cohen_kappa_score(truth, predicted, replace_undefined_by=0.0)
    # Rounded to float32, rows sum to 1 within 1e-7; scikit-learn warns about less.
    brier = metrics.brier_score_loss(truth, rows[:, 1] if classes == 2 else rows, labels=list(range(classes)),
                                     **({"pos_label": 1} if classes == 2 else {}))
    present = [c for c in range(classes) if (truth == c).any()]
    return [
        float(kappa),
        float(metrics.matthews_corrcoef(truth, predicted)),
        float(brier),
        max(gap for gap, _ in calibration_gaps(truth, rows)),
        mean([metrics.roc_auc_score(truth == c, rows[:, c]) for c in present if not (truth == c).all()]),
        mean([metrics.average_precision_score(truth == c, rows[:, c]) for c in present]),
    ]


def per_class(number):
    classes, truth, rows = case(number)
    predicted = rows.argmax(axis=1)
    labels = list(range(classes))
    precision, recall, _, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=labels, average=None, zero_division=0)
    present = [c for c in labels if (truth == c).any()]
    roc = [float(metrics.roc_auc_score(truth == c, rows[:, c])) for c in present if not (truth == c).all()]
    areas = [float(metrics.average_precision_score(truth == c, rows[:, c])) for c in present]
    # Where every class occurs, the means are what scikit-learn itself calls macro.
    if present == labels and len(truth) > 1:
        ovr = metrics.roc_auc_score(truth, rows[:, 1] if classes == 2 else rows, multi_class="ovr", labels=labels)
        assert np.isclose(ovr, np.mean(roc)), number
        indicators = np.eye(classes, dtype=int)[truth]
        assert np.isclose(metrics.average_precision_score(indicators, rows, average="macro"), np.mean(areas)), number
    return [precision.tolist(), recall.tolist(), support.tolist(), roc, areas]


def class_intervals(number):
    """The ends for precision and recall of each class that has them."""
    classes, truth, rows = case(number)
    predicted = rows.argmax(axis=1)
    hits = [int(((truth == c) & (predicted == c)).sum()) for c in range(classes)]

    def ends(totals):
        pairs = [binomtest(hit, int(total)).proportion_ci(0.95, method="wilson")
                 for hit, total in zip(hits, totals) if total]
        return [float(end) for pair in pairs for end in pair]

    return [ends([(predicted == c).sum() for c in range(classes)]), ends([(truth == c).sum() for c in range(classes)])]


RULES = ["max-f1", "recall>=0.8", "recall>=1", "precision>=0.7", "precision>=0.95", "cost=1:1", "cost=1:4", "cost=5:1"]


def chosen(rule, scores, positive):
    """True and false positives at the best threshold, by trying all of them; None where there is none."""
    points = [(int((positive & (scores >= s)).sum()), int((~positive & (scores >= s)).sum()))
              for s in sorted(set(scores), reverse=True)]
    count = int(positive.sum())
    precision = {p: p[0] / (p[0] + p[1]) for p in points}
    name, _, bound = rule.replace(">", "").partition("=")
    if name == "max-f1":
        return min(points, key=lambda p: (-2 * p[0] / (p[0] + p[1] + count), sum(p)))
    if name == "cost":
        wrong, missed = map(int, bound.split(":"))
        return min([(0, 0)] + points, key=lambda p: (wrong * p[1] + missed * (count - p[0]), sum(p)))
    if name == "recall":
        allowed = [p for p in points if p[0] / count >= float(bound)]
        return min(allowed, key=lambda p: (-precision[p], -p[0]))
    allowed = [p for p in points if precision[p] >= float(bound)]
    return min(allowed, key=lambda p: (-p[0], sum(p))) if allowed else None


def curves(number):
    """Of class 0; in even cases few scores are distinct, so that ties matter."""
    _, truth, rows = case(number)
    scores, positive = np.floor(rows[:, 0] * 8) if number % 2 == 0 else rows[:, 0], truth == 0
    if not positive.any() or positive.all():
        return None
    false_positive_rate, recall, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
    precision, sensitivity, _ = metrics.precision_recall_curve(positive, scores)
    return [false_positive_rate.tolist(), recall.tolist(), sensitivity[::-1].tolist(), precision[::-1].tolist(),
            [chosen(rule, scores, positive) for rule in RULES]]


PAIRS = [(0, 0), (1, 0), (0, 5), (5, 5), (5, 6), (31, 9), (9, 31), (3, 12), (100, 140), (700, 812), (2000, 1850)]


def temperature(number):
    """Logits of 0.005 apart between -5 and 5; the root of the derivative of the mean of -ln p(true class)."""
    random = SplitMix64(10_000 + number)
    classes, images = 2 + random.below(4), 50 + random.below(100)
    truth, logits = [], []
    for _ in range(images):
        row = [random.below(2001) for _ in range(classes)]
        truth.append(row.index(max(row)) if random.below(10) < 4 + number % 5 else random.below(classes))
        logits.append([np.float32((value - 1000) / 200) for value in row])
    logits = np.array(logits, dtype=np.float32).astype(np.float64)
    own = logits[np.arange(images), truth]
    slope = lambda inverse: ((softmax(inverse * logits, axis=1) * logits).sum(axis=1) - own).mean()
    return 1 / brentq(slope, 0.01, 100, xtol=1e-15, rtol=1e-14)


def rounded(value):
    if isinstance(value, (list, tuple)):
        return [rounded(element) for element in value]
    return round(float(value), 7) if isinstance(value, float) else value


def write(name, document):
    document = {"versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__,
                             "numpy": np.__version__}} | document
    text = json.dumps(document, separators=(",", ":"))
    for opening in ('"cases":[', '"intervals":[', '"tests":['):
        text = text.replace(opening, opening + "\n")
    text = text.replace("],[[", "],\n[[")
    (pathlib.Path(sys.argv[1]) / name).write_text(text + "\n")


warnings.simplefilter("ignore")
write("metrics.json", {
    "columns": ["confusion", "accuracy", "balanced_accuracy"]
    + [f"{score}_{average}" for average in ("macro", "weighted", "micro") for score in ("precision", "recall", "f1")]
    + ["f1", "top_2", "log_loss", "roc_auc", "average_precision", "ece", "wilson_lower", "wilson_upper"],
    "cases": [rounded(answers(number)) for number in range(1000)],
})
write("agreement.json", {
    "columns": ["kappa", "mcc", "brier", "mce", "roc_auc_macro", "average_precision_macro"],
    "cases": [rounded(agreement(number)) for number in range(1000)],
})
write("per_class.json", {
    "columns": ["precision", "recall", "support", "roc_auc", "average_precision"],
    "cases": [rounded(per_class(number)) for number in range(1000)],
    "intervals": [rounded(class_intervals(number)) for number in range(100)],
})
write("curves.json", {
    "columns": ["false_positive_rate", "recall", "sensitivity", "precision", "thresholds"],
    "rules": RULES,
    "cases": [rounded(curves(number)) for number in range(60)],
})
write("tests.json", {
    "mcnemar": [[fixes, breaks, float(f"{binomtest(fixes, fixes + breaks).pvalue:.12g}") if fixes + breaks else 1.0]
                for fixes, breaks in PAIRS],
    "temperatures": [float(f"{temperature(number):.10g}") for number in range(30)],
})
