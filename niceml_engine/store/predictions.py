"""Predictions of a classification, as the op `prediction` stores them, and the samples behind a cell of its matrix."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from niceml_engine.errors import StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = Literal["worst", "best", "file"]
MAX_VALUES = 64_000_000  #: probabilities that are looked into at once: 256 MB


def decide(probabilities: NDArray[Any], threshold: float | None) -> NDArray[np.intp]:
    """The predicted classes; in single precision, as predictions are stored, so that all who decide agree.

    Args:
        probabilities: N x K.
        threshold: From which probability on the second of two classes is predicted; `None`: the most probable class.

    Returns:
        N indexes of classes.
    """
    values = np.asarray(probabilities, np.float32)
    if threshold is not None and values.shape[1] == 2:
        return (values[:, 1] >= np.float32(threshold)).astype(np.intp)
    return np.asarray(values.argmax(axis=1), np.intp)


@dataclass(frozen=True)
class Predictions:
    """The predictions of one subset.

    Attributes:
        files: N names of images, relative to the subset's folder.
        labels: K classes.
        classes: N names of true classes, which need not be among the labels.
        true: N indexes of labels; -1 for a class that is none of them.
        probabilities: N x K.
    """

    files: NDArray[np.object_]
    labels: tuple[str, ...]
    classes: NDArray[np.object_]
    true: NDArray[np.intp]
    probabilities: NDArray[np.float32]

    @classmethod
    def parse(cls, content: bytes, prefix: str, name: str) -> Predictions:
        """Reads a parquet file.

        Args:
            content: The file, with columns `file`, `class` and a probability per class.
            prefix: Of the columns that hold probabilities; the class follows.
            name: What the file is called in errors.

        Raises:
            StoreError: It is no such file, or too large.
        """
        import pyarrow as pa
        from pyarrow import parquet

        try:
            file = parquet.ParquetFile(io.BytesIO(content))
            columns = [column for column in file.schema_arrow.names if column.startswith(prefix)]
            missing = [column for column in ("file", "class") if column not in file.schema_arrow.names]
            if missing or not columns:
                wanted = ", ".join(missing) or f"{prefix}*"
                raise StoreError(f"{name} has no column {wanted}; its samples cannot be found")
            rows = file.metadata.num_rows
            if rows * len(columns) > MAX_VALUES:
                raise StoreError(f"{name} holds {rows} rows of {len(columns)} classes; that is too much to look into")
            table = file.read(["file", "class", *columns])
            values = [_numbers(table.column(one)) for one in columns]
        except (pa.ArrowException, OSError) as error:
            raise StoreError(f"{name} cannot be read as predictions", details=repr(error)) from error
        labels = tuple(column.removeprefix(prefix) for column in columns)
        index = {label: number for number, label in enumerate(labels)}
        classes = [str(one) for one in table.column("class").to_pylist()]
        return cls(
            files=np.array([str(one) for one in table.column("file").to_pylist()], object),
            labels=labels,
            classes=np.array(classes, object),
            true=np.array([index.get(one, -1) for one in classes], np.intp),
            probabilities=np.stack(values, axis=1),
        )

    def __len__(self) -> int:
        return len(self.files)

    def decided(self, threshold: float | None) -> NDArray[np.intp]:
        """The predicted classes, N indexes; `threshold` as in `decide`."""
        return decide(self.probabilities, threshold)

    def cell(
        self, true: str | None, predicted: str | None, decided: NDArray[np.intp], order: Order = "worst"
    ) -> NDArray[np.intp]:
        """The rows behind a cell.

        Args:
            true: Their true class; `None` for any.
            predicted: Their predicted class; `None` for any.
            decided: N indexes of predicted classes.
            order: `worst` begins with the lowest probability of the true class, `best` with the highest, `file` with
                the first name.

        Raises:
            StoreError: There is no such class.
        """
        chosen = np.ones(len(self), bool)
        for label, found in ((true, self.true), (predicted, decided)):
            if label is None:
                continue
            if label not in self.labels:
                raise StoreError(f"there is no class {label}; there are {', '.join(self.labels)}")
            chosen &= found == self.labels.index(label)
        rows = np.flatnonzero(chosen)
        if order == "file":
            return rows[np.argsort(self.files[rows], kind="stable")]
        # what is no number is worse than anything
        own = np.nan_to_num(self.probabilities[rows, self.true[rows]], nan=-np.inf)
        own[self.true[rows] < 0] = -np.inf
        return rows[np.argsort(own if order == "worst" else -own, kind="stable")]

    def foremost(self, row: int, count: int, *always: str) -> dict[str, float]:
        """The highest probabilities of a row by class, and those of some classes in any case; highest first."""
        values = np.nan_to_num(self.probabilities[row], nan=-1.0)
        ranked = np.argsort(-values, kind="stable")
        kept = {*ranked[:count].tolist(), *(self.labels.index(label) for label in always if label in self.labels)}
        return {self.labels[index]: float(self.probabilities[row, index]) for index in ranked.tolist() if index in kept}


def _numbers(column: Any) -> NDArray[np.float32]:
    import pyarrow as pa

    if column.null_count:
        raise pa.ArrowInvalid("there are empty cells among the probabilities")
    # pyarrow's own way to numpy would import pandas, which takes half a second and 60 MB
    return np.asarray(np.from_dlpack(column.cast(pa.float32()).combine_chunks()), np.float32)
