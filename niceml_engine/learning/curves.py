"""Curves and bars that tell how good probabilities are, thinned to what a screen can show.

With two classes they are those of the second one. With more, each class stands against the rest, and all together are
averaged: every class counts the same, however many samples it has (the macro average).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from niceml_engine.results import ALL, Bars, Curve, Histogram, Lines, Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

POINTS, POINTS_OF_MANY = 200, 60  #: of a curve, at most, that its shape needs; of each where classes are many
EVEN, EVEN_OF_MANY = 64, 20  #: points in even distances besides, at which the third value can be read off
TOLERANCE = 0.002  #: how far a thinned curve may lie beside the whole one, as a part of the axes: half a pixel
GRID = 1001  #: places at which the curves of several classes are averaged
BINS = 10  #: of the calibration
SCORE_BINS = 20


def classes_of_interest(count: int) -> range:
    """The classes that have curves of their own: of two the second, whose curves mirror those of the first."""
    return range(1, 2) if count == 2 else range(count)


def are_probabilities(values: NDArray[Any]) -> bool:
    """Whether all values lie between 0 and 1, but for what rounding does; outputs of a model need not."""
    return bool(values.min() >= -1e-6 and values.max() <= 1 + 1e-6)


def roc(true: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str], threshold: float | None) -> Lines:
    """Receiver operating characteristics, with the area under each.

    Args:
        true: N indexes of classes.
        probabilities: N x K.
        labels: K names.
        threshold: From which on a class is predicted; `None` where there is none.
    """
    from sklearn.metrics import auc, roc_curve

    whole = []
    for index in classes_of_interest(len(labels)):
        positive = true == index
        if positive.all() or not positive.any():
            continue
        x, y, at = roc_curve(positive, probabilities[:, index], drop_intermediate=False)
        whole.append((labels[index], x, y, at, float(auc(x, y))))
    grid = np.linspace(0.0, 1.0, GRID)
    curves = [_thin(*entry, threshold=threshold, many=len(labels) > 2) for entry in whole]
    if len(labels) > 2 and whole:
        mean = np.mean([np.interp(grid, x, y) for _, x, y, _, _ in whole], axis=0)
        start = np.array([0.0])  # before the first positive
        value = float(np.mean([area for *_, area in whole]))
        curves.insert(0, _thin(ALL, np.concatenate([start, grid]), np.concatenate([start, mean]), None, value))
    return Lines(
        name="roc",
        title="ROC",
        x="false positive rate",
        y="true positive rate",
        curves=tuple(curves),
        at="threshold",
        value="AUC",
        diagonal=True,
    )


def precision_recall(
    true: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str], threshold: float | None
) -> Lines:
    """Precision over recall, with the average precision of each curve; arguments as in `roc`."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    whole = []
    for index in classes_of_interest(len(labels)):
        positive, scores = true == index, probabilities[:, index]
        if not positive.any():
            continue
        y, x, at = precision_recall_curve(positive, scores, drop_intermediate=True)
        value = float(average_precision_score(positive, scores))
        # from the highest threshold down; its last point, precision 1 at recall 0, is where nothing is predicted
        whole.append((labels[index], x[::-1], y[::-1], np.append(at, np.inf)[::-1], value))
    curves = [_thin(*entry, threshold=threshold, many=len(labels) > 2) for entry in whole]
    if len(labels) > 2 and whole:
        grid = np.linspace(0.0, 1.0, GRID)
        mean = np.mean([y[np.searchsorted(x, grid)] for _, x, y, _, _ in whole], axis=0)
        curves.insert(0, _thin(ALL, grid, mean, None, float(np.mean([entry[-1] for entry in whole]))))
    return Lines(
        name="pr",
        title="Precision–recall",
        x="recall",
        y="precision",
        curves=tuple(curves),
        at="threshold",
        value="AP",
    )


def calibration(true: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str]) -> Lines:
    """How often what is predicted with some probability is so, with the expected calibration error of each curve.

    All classes together are judged by the probability of the predicted class. Arguments as in `roc`.
    """
    probabilities = probabilities.clip(0.0, 1.0)
    curves = []
    if len(labels) > 2:
        confident = probabilities.max(axis=1)
        curves.append(_reliability(ALL, probabilities.argmax(axis=1) == true, confident))
    curves += [
        _reliability(labels[index], true == index, probabilities[:, index])
        for index in classes_of_interest(len(labels))
    ]
    return Lines(
        name="calibration",
        title="Calibration",
        x="predicted probability",
        y="observed frequency",
        curves=tuple(curves),
        at="samples",
        value="ECE",
        diagonal=True,
        dots=True,
    )


def scores(
    true: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str], threshold: float | None
) -> Histogram:
    """How the probabilities of a class spread over the samples that are of it, and over the others.

    All classes together are the probabilities of the predicted classes, where they are right and where they are wrong.
    Arguments as in `roc`.
    """
    low, high = (0.0, 1.0) if are_probabilities(probabilities) else (probabilities.min(), probabilities.max())
    edges = np.linspace(low, high, SCORE_BINS + 1)

    def spread(label: str, x: str, values: Floats, parts: dict[str, Mask]) -> Spread:
        bars = (Bars(name, tuple(np.histogram(values[part], edges)[0].tolist())) for name, part in parts.items())
        return Spread(label, x, tuple(bars))

    spreads = []
    if len(labels) > 2:
        right = probabilities.argmax(axis=1) == true
        parts = {"wrong": ~right, "right": right}
        spreads.append(spread(ALL, "probability of the predicted class", probabilities.max(axis=1), parts))
    for index in classes_of_interest(len(labels)):
        own = true == index
        rest = f"true {labels[0]}" if len(labels) == 2 else "others"
        parts = {rest: ~own, f"true {labels[index]}": own}
        spreads.append(spread(labels[index], f"probability of {labels[index]}", probabilities[:, index], parts))
    return Histogram(
        name="scores", title="Scores", edges=tuple(edges.round(6).tolist()), spreads=tuple(spreads), marked=threshold
    )


def keep(x: Floats, y: Floats, most: int = POINTS, always: Sequence[int] = ()) -> NDArray[np.intp]:
    """The points of a curve that a screen needs: the others lie on the lines between them, as far as one can see.

    Args:
        x: N values, as parts of their axis.
        y: N values, likewise.
        most: How many may be kept.
        always: Indexes that are kept in any case.

    Returns:
        At most `most` ascending indexes, the first and the last among them, and those of `always`.
    """
    tolerance = TOLERANCE
    while True:
        kept = _simplified(x, y, tolerance)
        if len(kept) <= most:
            return np.union1d(kept, np.asarray(always, np.intp))
        tolerance *= 1.5


def evenly(x: Floats, y: Floats, count: int) -> NDArray[np.intp]:
    """The indexes of at most so many points that lie along a curve in even distances."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    return np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], count)).clip(max=len(x) - 1))


def _simplified(x: Floats, y: Floats, tolerance: float) -> NDArray[np.intp]:
    """Keeps the ends and, again and again, the point farthest from the line between two that are kept.

    The algorithm of Ramer, Douglas and Peucker, https://doi.org/10.3138/FM57-6770-U75U-7727.
    """
    kept = {0, len(x) - 1}
    open_ends = [(0, len(x) - 1)]
    while open_ends:
        first, last = open_ends.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        dx, dy = x[last] - x[first], y[last] - y[first]
        along, across = x[inner] - x[first], y[inner] - y[first]
        length = float(np.hypot(dx, dy))
        distance = np.abs(dx * across - dy * along) / length if length else np.hypot(along, across)
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            kept.add(middle)
            open_ends += [(first, middle), (middle, last)]
    return np.array(sorted(kept), np.intp)


def _thin(
    label: str,
    x: Floats,
    y: Floats,
    at: Floats | None,
    value: float,
    *,
    threshold: float | None = None,
    many: bool = False,
) -> Curve:
    decides = None
    if at is not None and threshold is not None:
        reached = np.flatnonzero(at >= threshold)  # thresholds fall along the curve
        decides = int(reached[-1]) if len(reached) else None
    always = evenly(x, y, EVEN_OF_MANY if many else EVEN).tolist()
    kept = keep(x, y, POINTS_OF_MANY if many else POINTS, always if decides is None else [*always, decides])
    return Curve(
        label=label,
        x=_rounded(x[kept]),
        y=_rounded(y[kept]),
        at=() if at is None else tuple(None if np.isinf(one) else float(f"{one:.3g}") for one in at[kept]),
        value=value,
        marked=None if decides is None else int(np.searchsorted(kept, decides)),
    )


def _reliability(label: str, happened: Mask, predicted: Floats) -> Curve:
    from sklearn.calibration import calibration_curve

    observed, mean = calibration_curve(happened, predicted, n_bins=BINS)
    bins = np.searchsorted(np.linspace(0.0, 1.0, BINS + 1)[1:-1], predicted)
    counts = np.bincount(bins, minlength=BINS)
    counts = counts[counts > 0]
    error = float(np.abs(observed - mean) @ counts / len(predicted))
    return Curve(label=label, x=_rounded(mean), y=_rounded(observed), at=tuple(map(float, counts)), value=error)


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(np.asarray(values, np.float64).round(4).tolist())
