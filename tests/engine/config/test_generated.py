"""Whatever a tree of configs says, it composes as in Hydra or fails as in Hydra."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from tests.engine.config.generated import Tree, trees
from tests.engine.config.reference import assert_same, write


@pytest.mark.parametrize("base", ["1.1", "1.2", "1.3", None])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(tree=trees())
def test_any_tree_composes_as_in_hydra(base: str | None, tree: Tree) -> None:
    with TemporaryDirectory() as folder:
        root = write(Path(folder), tree.files)
        composer = Composer(Setting(root, version_base=base))
        assert_same(composer, root / "conf/job.yaml", [])
        assert_same(composer, root / "conf/job.yaml", list(tree.overrides))
