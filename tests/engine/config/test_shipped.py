"""What packages of others ship composes as in Hydra, and is found in them; see `shipped`."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.projects.project import open_project
from tests.engine.config.shipped import BASES, TREES, Tree, compare, unpack


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {tree.package: unpack(tree.package, tmp_path_factory.mktemp(tree.package)) for tree in TREES}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("tree", TREES, ids=lambda tree: f"{tree.package}-{tree.folder.replace('/', '.')}")
def test_what_a_package_ships_composes_as_in_hydra(roots: dict[str, Path], tree: Tree, base: str) -> None:
    count, refused = compare(roots[tree.package], tree, base, tree.most)
    assert refused < count


@pytest.mark.parametrize(
    ("package", "folders", "first"),
    [
        ("anemoi_training", ["anemoi/training/config"], ""),
        ("quadra", ["quadra/configs"], "config"),
        ("schnetpack", ["schnetpack/configs"], "train"),
        ("sheeprl", ["sheeprl/configs"], "config"),
        ("verl", ["verl/trainer/config", "verl/experimental/fully_async_policy/config"], "ppo_megatron_trainer"),
        ("vissl", ["configs", "vissl/config"], "defaults"),
    ],
)
def test_the_configs_of_a_package_are_found(
    roots: dict[str, Path], package: str, folders: list[str], first: str
) -> None:
    project = open_project(roots[package])
    assert {str(roots[package] / folder) for folder in folders} <= set(project.config_dirs)
    assert len(project.tree.jobs) > 0
    if first:
        assert Path(project.job).stem == first
