"""What an explanation of why Hydra refused can rest on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from niceml_engine.config.composed.present import Drawing
from niceml_engine.config.composed.provenance import History
from niceml_engine.config.text.files import Files, YamlFile
from niceml_engine.errors import ConfigError
from niceml_engine.values import OPS_PATH, Problem, Selection


@dataclass
class Progress:
    """How far a composition came: what an explanation of its failure can rest on.

    Attributes:
        file: The file that was read or merged last.
        package: The package at which it was merged; `None` while the defaults lists were read.
        override: The override that was being read or applied.
        group: The key of the group that was given a list in which Hydra takes an item for no option.
        merged: What had been merged before overrides, pickled.
        history: What the layers set, the failing one included.
    """

    file: str = ""
    package: str | None = None
    override: str = ""
    group: str = ""
    merged: bytes = b""
    history: History | None = None


@dataclass(frozen=True)
class Case:
    """What is known of a composition that failed, and the problems that are made of it."""

    error: BaseException
    selection: Selection
    progress: Progress
    drawing: Drawing
    files: Files
    details: str = field(default="", compare=False)
    ops_path: str = OPS_PATH

    def problem(self, code: str, message: str, file: str = "", line: int = 0, key: str = "", fix: str = "") -> Problem:
        """What is wrong, with what Hydra said."""
        return Problem("error", code, message, file, line, key, self.details, fix)

    def parsed(self, file: str) -> YamlFile:
        """A file; an empty one in place of one that has gone or changed into something else meanwhile."""
        try:
            return self.files.parse(file)
        except ConfigError:
            return YamlFile(file, "", None, {}, (), (0, 0, 0))


def folders_of(drawing: Drawing, group: str) -> list[str]:
    """Where the options of a group lie, in the folders of configs from which something is drawn."""
    roots: dict[str, None] = {}
    for node in drawing.nodes:
        path, _ = os.path.splitext(node.file)
        if path.endswith(f"/{node.id}"):
            roots[path.removesuffix(f"/{node.id}")] = None
    return [folder for folder in (os.path.join(root, group) for root in roots) if os.path.isdir(folder)]


def options_in(folders: Iterable[str]) -> list[str]:
    """The names of the configs in folders, sorted."""
    names: set[str] = set()
    for folder in folders:
        with suppress(OSError):
            names |= {os.path.splitext(one)[0] for one in os.listdir(folder) if one.endswith((".yaml", ".yml"))}
    return sorted(names)


def key_of(override: str) -> str:
    """The key that an override names."""
    return override.lstrip("+~").partition("=")[0].strip()


def chosen_by(overrides: Sequence[str], key: str) -> str:
    """The last override that chooses for a key of a choice, which counts; empty if none does.

    What is added (`+`) goes below the folder of the job, though the override does not say so.
    """
    texts = [text for text in reversed(overrides) if not text.startswith("~")]
    own = [text for text in texts if key_of(text) == key.lstrip("+")]
    if key.startswith("+"):
        group = key.partition("@")[0]
        added = [text for text in texts if text.startswith("+")]
        own += [text for text in added if group.endswith(f"/{key_of(text).partition('@')[0]}")]
    return next(iter(own), "")


def same_node(node: str, path: str) -> bool:
    """Whether a node is what Hydra calls by a path, which may begin further down."""
    return node == path or node.endswith(f"/{path}")


def file_of(drawing: Drawing, path: str) -> str:
    """The file of what Hydra calls by a path; empty if it is not drawn."""
    return next((node.file for node in drawing.nodes if same_node(node.id, path)), "")
