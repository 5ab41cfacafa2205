"""What an analysis can find, as plain data that any room may read.

A result is of one of a few kinds, named after what it is and not after what it tells: a matrix of counts, curves over
two axes, bars over bins. The window has a section for each kind, so that an analysis of another task (regression,
segmentation, detection) is shown as soon as it gives values of these kinds, or adds a kind and its section.

Curves and bars belong to one class against the rest, or with the empty label to all classes together.
"""

from __future__ import annotations

import msgspec

ALL = ""  #: the label of what belongs to all classes together


class _Result(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    """Base of all results."""


class Confusion(_Result, frozen=True, tag="confusion"):
    """How often each true class was predicted as which.

    `prefix` and `threshold` say how the predictions decide, so that the samples behind a cell can be found again.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  #: rows: true class, columns: predicted class
    totals: tuple[int, ...] = ()  #: samples of each true class; empty: the sums of the rows
    classes: int = 0  #: how many there are, where only those with most mistakes are listed; 0: all are
    prefix: str = "prd_"  #: of the columns that hold probabilities
    threshold: float | None = None  #: of the second of two classes; `None`: the most probable class

    @property
    def sums(self) -> tuple[int, ...]:
        """Samples of each true class."""
        return self.totals or tuple(sum(row) for row in self.counts)


class Curve(msgspec.Struct, frozen=True, omit_defaults=True):
    """Points of a curve: equally long `x` and `y`."""

    label: str  #: the class it belongs to
    x: tuple[float, ...]
    y: tuple[float, ...]
    at: tuple[float | None, ...] = ()  #: a third value of each point; `None` where there is none
    value: float | None = None  #: what the curve amounts to, such as the area below it
    marked: int | None = None  #: the point at which the predictions decide


class Lines(_Result, frozen=True, tag="lines"):
    """Curves over the same two axes."""

    name: str  #: `roc`; the same in all subsets
    title: str
    x: str  #: what the axis says
    y: str
    curves: tuple[Curve, ...]
    at: str = ""  #: what the third value of a point is
    value: str = ""  #: what a curve's value is
    diagonal: bool = False  #: whether `y = x` means something
    dots: bool = False  #: whether each point was measured, rather than the curve between them


class Bars(msgspec.Struct, frozen=True):
    """How many samples of one sort fall into each bin."""

    label: str
    counts: tuple[int, ...]


class Spread(msgspec.Struct, frozen=True):
    """Sorts of samples over one axis."""

    label: str  #: the class it belongs to
    x: str  #: what the axis says
    bars: tuple[Bars, ...]


class Histogram(_Result, frozen=True, tag="histogram"):
    """How samples spread over bins."""

    name: str  #: `scores`; the same in all subsets
    title: str
    edges: tuple[float, ...]  #: of the bins, one more than there are bins
    spreads: tuple[Spread, ...]
    marked: float | None = None  #: where the predictions decide


Result = Confusion | Lines | Histogram


def brief(results: tuple[Result, ...], curves: int = 20, cells: int = 100) -> tuple[Result, ...]:
    """What is worth sending of many classes: all classes together, and those with most mistakes on their own.

    Args:
        results: Everything that was found.
        curves: Classes that keep curves and bars of their own.
        cells: Classes that keep a row and a column of the matrix.
    """
    matrix = next((result for result in results if isinstance(result, Confusion)), None)
    if matrix is None:
        return results
    ranked = _most_mistaken(matrix)
    kept = {ALL, *(matrix.labels[index] for index in ranked[:curves])}
    return tuple(_brief(result, kept, sorted(ranked[:cells])) for result in results)


def _brief(result: Result, kept: set[str], rows: list[int]) -> Result:
    replace = msgspec.structs.replace
    match result:
        case Lines():
            return replace(result, curves=tuple(curve for curve in result.curves if curve.label in kept))
        case Histogram():
            return replace(result, spreads=tuple(spread for spread in result.spreads if spread.label in kept))
        case Confusion():
            if len(rows) == len(result.labels):
                return result
            return replace(
                result,
                labels=tuple(result.labels[row] for row in rows),
                counts=tuple(tuple(result.counts[row][column] for column in rows) for row in rows),
                totals=tuple(result.sums[row] for row in rows),
                classes=len(result.labels),
            )


def _most_mistaken(matrix: Confusion) -> list[int]:
    """The classes by how often they are missed or wrongly predicted, worst first."""
    columns = [sum(column) for column in zip(*matrix.counts, strict=True)]
    right = [row[index] for index, row in enumerate(matrix.counts)]
    mistakes = [total + column - 2 * hit for total, column, hit in zip(matrix.sums, columns, right, strict=True)]
    return sorted(range(len(matrix.labels)), key=lambda index: -mistakes[index])
