"""Every feature of defaults lists composes as in Hydra under each version base, failure included."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from tests.engine.config.defaults_lists import PRIMARIES, ROWS, TREE
from tests.engine.config.reference import assert_same, write


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = write(tmp_path_factory.mktemp("lists"), TREE)
    library = str(root / "lib")
    sys.path.insert(0, library)  # where plain Hydra imports packages from
    yield root
    sys.path.remove(library)


@pytest.fixture(scope="module")
def composers(tree: Path) -> dict[str | None, Composer]:
    versions = ("1.1", "1.2", "1.3", None)
    return {base: Composer(Setting(tree, version_base=base, config_dir=tree / "conf")) for base in versions}


@pytest.mark.parametrize("base", ["1.1", "1.2", "1.3", None])
@pytest.mark.parametrize("name", PRIMARIES)
def test_every_kind_of_entry_composes_as_in_hydra(
    composers: dict[str | None, Composer], tree: Path, name: str, base: str | None
) -> None:
    assert_same(composers[base], tree / f"conf/{name}.yaml", [])


@pytest.mark.parametrize("base", ["1.1", "1.3"])  # those that differ most
@pytest.mark.parametrize(
    ("name", "overrides"), ROWS, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_every_kind_of_choice_composes_as_in_hydra(
    composers: dict[str | None, Composer], tree: Path, name: str, overrides: tuple[str, ...], base: str
) -> None:
    assert_same(composers[base], tree / f"conf/{name}.yaml", list(overrides))


@pytest.mark.parametrize("name", ["app", "parent", "global"])
@pytest.mark.parametrize("overrides", [[], ["db=other"], ["+db@x=local"], ["~db"]], ids=" ".join)
def test_a_primarys_own_folder_as_its_source_composes_as_in_hydra(tree: Path, name: str, overrides: list[str]) -> None:
    assert_same(Composer(Setting(tree)), tree / f"conf/apps/{name}.yaml", overrides)
