"""What an analysis of two classes, and of ten, has found."""

from niceml_engine.events import Analysis
from niceml_engine.protocol.samples import Source
from niceml_engine.results import ALL, Bars, Confusion, Curve, Histogram, Lines, Spread
from niceml_gui.workspaces.runs.analysis.pane import Found

SUBSETS = ("train_eval", "validation", "test")


def two(f1=0.9, counts=((78, 1), (2, 77))):
    curve = Curve("8", (0.0, 0.1, 1.0), (0.0, 0.9, 1.0), (None, 0.5, 0.1), 0.97, 1)
    reliability = Curve("8", (0.1, 0.9), (0.2, 0.8), (60.0, 98.0), 0.05)
    bars = (Bars("true 3", (70, 9)), Bars("true 8", (2, 77)))
    return (
        Confusion(("3", "8"), counts, threshold=0.5),
        Lines("roc", "ROC", "false positive rate", "true positive rate", (curve,), "threshold", "AUC", diagonal=True),
        Histogram("scores", "Scores", (0.0, 0.5, 1.0), (Spread("8", "probability of 8", bars),), 0.5),
        Lines("calibration", "Calibration", "predicted", "observed", (reliability,), "samples", "ECE", dots=True),
    )


def ten():
    labels = tuple(map(str, range(10)))
    counts = tuple(tuple(40 if row == column else (row + column) % 3 for column in range(10)) for row in range(10))
    curves = tuple(Curve(name, (0.0, 0.2, 1.0), (0.0, 0.7, 1.0), value=0.9) for name in (ALL, *labels))
    overall = Spread(ALL, "probability of the predicted class", (Bars("wrong", (3, 1)), Bars("right", (1, 30))))
    third = Spread("3", "probability of 3", (Bars("others", (30, 1)), Bars("true 3", (1, 3))))
    return (
        Confusion(labels, counts),
        Lines("roc", "ROC", "false positive rate", "true positive rate", curves, value="AUC"),
        Histogram("scores", "Scores", (0.0, 0.5, 1.0), (overall, third)),
    )


def found(results, subsets=SUBSETS, **values):
    metrics = {"f1": 0.9, "odd": 0.1, "accuracy": None}
    return Found(
        Source(run="a"), tuple(Analysis(subset=name, metrics=metrics, results=results) for name in subsets), **values
    )
