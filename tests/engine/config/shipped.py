"""Trees of configs inside packages of others, compared with Hydra; `python -m tests.engine.config.shipped` does all.

The packages are those of `resources/shipped.txt`, whose wheels lie in the environment's folder `shipped`. They are read
as archives and never installed. Of their Python only the text is unpacked; a package that plain Hydra would import to
find configs in it is an empty one.
"""

from __future__ import annotations

import os
import random
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import hydra

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.scan import scan
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Choice, Selection
from tests.engine.config.reference import assert_same, importable

WHEELS = Path(sys.prefix) / "shipped"
BASES = ("1.1", "1.2", "1.3")
_KINDS = (".yaml", ".yml", ".py")


@dataclass(frozen=True)
class Tree:
    """A tree of configs.

    Attributes:
        package: The package that ships it, as its wheel is called.
        folder: Where it lies in the package.
        always: Overrides without which none of its primaries composes here.
        most: Compositions of each version that the tests have time for; all would take an hour.
    """

    package: str
    folder: str
    always: tuple[str, ...] = ()
    most: int = 6


#: Of `hydra`, the installed one.
TREES = (
    Tree("anemoi_training", "anemoi/training/config", most=2),
    Tree("hydra", "conf"),
    Tree("quadra", "quadra/configs", ("hydra/job_logging=default", "hydra/hydra_logging=default")),
    Tree("schnetpack", "schnetpack/configs"),
    Tree("sheeprl", "sheeprl/configs"),
    Tree("verl", "verl/experimental/fully_async_policy/config", most=2),  # includes its other tree by `pkg://`
    Tree("vissl", "configs"),
)


def unpack(package: str, root: Path) -> Path:
    """Writes what is text in a package, and returns the folder that it lies in."""
    if package == "hydra":
        return Path(hydra.__file__).parent
    wheels = list(WHEELS.glob(f"{package}-*.whl"))
    assert len(wheels) == 1, f"there is no wheel of {package} in {WHEELS}; run `make setup`"
    with zipfile.ZipFile(wheels[0]) as wheel:
        for name in wheel.namelist():
            if name.endswith(_KINDS):
                wheel.extract(name, root)
    for file in root.rglob("__init__.py"):
        file.write_text("", encoding="utf-8")
    return root


def cases(composer: Composer, tree: Tree, conf: Path) -> list[tuple[Path, list[str]]]:
    """Each config on its own, and each option at each place where a primary offers a choice or takes another group."""
    options = scan([conf]).options
    always = list(tree.always)
    found: list[tuple[Path, list[str]]] = [(Path(option.file), []) for option in options]
    tops = [Path(option.file) for option in options if not option.group]
    for job in tops or [Path(options[0].file)]:
        choices = [choice for choice in composer.compose(Selection(str(job), tree.always)).choices if choice.key]
        found += [(job, [*always, text]) for choice in choices for text in _chosen(choice)]
        taken = {choice.group for choice in choices}
        found += [(job, [*always, f"+{o.group}={o.name}"]) for o in options if o.group and o.group not in taken]
        found.append((job, always))
    return found


def _chosen(choice: Choice) -> list[str]:
    written = "{}=[{}]" if choice.is_list else "{}={}"
    return [written.format(choice.key, option) for option in choice.options if option not in choice.chosen]


def compare(root: Path, tree: Tree, base: str, most: int | None = None) -> tuple[int, int]:
    """Compares what we and Hydra make of a tree.

    Args:
        root: The folder of its package.
        tree: The tree.
        base: Hydra's `version_base`.
        most: How many compositions at most, picked by chance that is the same each time.

    Returns:
        How many were compared, and how many of them both refuse.

    Raises:
        AssertionError: They differ.
    """
    conf = root / tree.folder
    composer = Composer(Setting(root, version_base=base, config_dir=conf))
    found = cases(composer, tree, conf)
    if most is not None and len(found) > most:
        found = random.Random(f"{tree.folder} {base}").sample(found, most)
    refused = 0
    with importable(root):
        for job, overrides in found:
            try:
                assert_same(composer, job, overrides)
            except AssertionError as error:
                raise AssertionError(f"{job.relative_to(conf)} {overrides} under {base}: {error}") from error
            refused += composer.compose(Selection(str(job), tuple(overrides))).error is not None
    return len(found), refused


def main(names: list[str]) -> int:
    """Compares everything in the named packages, else in all, and says what differs."""
    differing = 0
    for tree in TREES:
        if names and tree.package not in names:
            continue
        with TemporaryDirectory() as folder:
            root = unpack(tree.package, Path(os.path.realpath(folder)))
            for base in BASES:
                started = time.monotonic()
                try:
                    count, refused = compare(root, tree, base)
                    said = f"{count} compositions are the same, {refused} of them refused"
                except AssertionError as error:
                    said, differing = f"differs: {error}", differing + 1
                print(f"{tree.package} {tree.folder} {base}: {said}, {time.monotonic() - started:.0f} s", flush=True)
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
