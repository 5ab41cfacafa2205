"""What is known of a metric by its name: whether it is good or bad, which way, and what is read first."""

from __future__ import annotations

_SMALL_IS_GOOD = ("loss", "error", "mse", "mae", "crossentropy", "perplexity")
_NO_QUALITY = ("learning_rate", "step_ms", "gradient_norm")  #: measured too, but not good or bad
_SUBSETS = {"validation": 0, "test": 1}  #: models are chosen by the former, and judged by the latter


def is_small_good(metric: str) -> bool:
    """Whether the smallest value is the best one."""
    name = metric.lower()  # a program of a project's own may call it `Loss/train`
    return any(word in name for word in _SMALL_IS_GOOD)


def is_quality(metric: str) -> bool:
    """Whether a value can be better than another one."""
    return not any(word in metric for word in _NO_QUALITY)


def rank(metric: str) -> tuple[int, str]:
    """By which metrics are ordered: what was analysed before what was trained, and what is no quality last."""
    subset, dot, _ = metric.partition(".")
    if dot:
        return _SUBSETS.get(subset, 2), metric
    return (3 if metric.startswith("val_") else 4 if is_quality(metric) else 5), metric
