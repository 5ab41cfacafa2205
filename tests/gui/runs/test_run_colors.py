"""Whether the colours of runs can be told apart, also by whoever does not see all colours."""

import numpy as np
import pytest

from niceml_gui.theme import style
from niceml_gui.theme.tokens import DARK, LIGHT
from niceml_gui.workspaces.runs.charts.styles import APART, HUES, hue_color, hues

#: From linear sRGB to the responses of the eye, and from their cube roots to OKLab (B. Ottosson, 2020).
EYE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
#: What is left of linear sRGB (Machado, Oliveira, Fernandes, 2009, severity 1).
SEEN_BY = {
    "all": np.eye(3),
    "protanopes": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopes": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopes": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])


def nearest(colors, seen_by):
    """The smallest distance between two colours in OKLab, in which black and white are 1 apart."""
    channels = np.array([[int(color[start : start + 2], 16) for start in (1, 3, 5)] for color in colors]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(np.clip(linear @ SEEN_BY[seen_by].T, 0, 1) @ EYE.T) @ LAB.T
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    return apart[np.triu_indices(len(colors), 1)].min()


def test_black_and_white_are_one_apart():
    assert nearest(["#000000", "#ffffff"], "all") == pytest.approx(1, abs=1e-6)


@THEMES
@pytest.mark.parametrize(("seen_by", "least"), [("all", 0.12), *((who, 0.09) for who in list(SEEN_BY)[1:])])
def test_eight_runs_are_told_apart_by_whoever_looks_at_them(tokens, seen_by, least):
    colors = [hue_color(hue, tokens) for hue in range(len(HUES))]
    assert nearest(colors[:APART], seen_by) >= least
    assert nearest(colors, seen_by) >= 0.07  # more are never alike
    assert APART == 8


@THEMES
def test_lines_of_runs_stand_out_from_their_ground(tokens):
    weak = {
        color: style.contrast(color, tokens.panel) for color in (hue_color(hue, tokens) for hue in range(len(HUES)))
    }
    assert min(weak.values()) >= 3, weak


def test_colours_that_are_told_apart_are_taken_first():
    known = {f"old {number}": number % APART for number in range(80)}
    assert sorted(hues([f"r{number}" for number in range(8)], known).values()) == list(range(APART))
    assert sorted(hues([f"r{number}" for number in range(12)], known).values()) == list(range(len(HUES)))
