"""The colours, sizes and spaces that everything on screen is made of; see `Tokens` for what each is for."""

from __future__ import annotations

from dataclasses import dataclass

FONT = "Inter"
MONO = "JetBrains Mono"
BODY_PX = 13.0
TITLE_PX = 11.5
MONO_PX = 12.5
GRID = 4  #: spaces are multiples of this
ROW = 26  #: height of a row in a list or tree


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Colours of one theme as `#rrggbb`. `faint` is for decoration only; what must be read has at least `muted`."""

    name: str
    background: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    selection: str
    experiment: str
    train: str
    prediction: str
    analysis: str
    exptests: str
    shared: str
    ok: str
    warning: str
    error: str

    def op(self, name: str) -> str:
        """The colour of an op's mark, or of what is shared between ops."""
        return {
            "experiment": self.experiment,
            "train": self.train,
            "prediction": self.prediction,
            "analysis": self.analysis,
            "exptests": self.exptests,
        }.get(name, self.shared)


DARK = Tokens(
    name="dark",
    background="#15181d",
    panel="#1b1f26",
    raised="#232932",
    line="#2d3440",
    text="#e7eaf0",
    muted="#98a2b3",
    faint="#667085",
    accent="#5aa9ff",
    on_accent="#06121f",
    selection="#233446",
    experiment="#7aa2f7",
    train="#9ece6a",
    prediction="#e0af68",
    analysis="#bb9af7",
    exptests="#7dcfff",
    shared="#8e9bb0",
    ok="#45b787",
    warning="#e2a53f",
    error="#ec7874",
)

LIGHT = Tokens(
    name="light",
    background="#f4f5f7",
    panel="#ffffff",
    raised="#f0f2f5",
    line="#d9dde4",
    text="#1d2430",
    muted="#5b6677",
    faint="#8a94a4",
    accent="#1d66c5",
    on_accent="#ffffff",
    selection="#dde9f8",
    experiment="#3a64c1",
    train="#47731d",
    prediction="#8b600e",
    analysis="#794ec9",
    exptests="#0b7094",
    shared="#5d697c",
    ok="#19764e",
    warning="#935c00",
    error="#bc3834",
)
