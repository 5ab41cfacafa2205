"""What the project's own code uses is found by looking for its modules once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.code import uses
from niceml_engine.config.code.own_code import own_modules
from niceml_engine.config.code.uses import Uses
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Selection
from tests.engine.config.reference import write

FEW = 5
JOB = "defaults:\n" + "".join(f"  - g{number}: gone\n" for number in range(FEW))
VALUES = "".join(f"v{n}: ${{oc.env:NICEML_GONE_{n}}}\nr{n}: ${{own{n}:1}}\n" for n in range(FEW))
CALLS = "".join(f"c{n}:\n  _target_: shop.make\nm{n}:\n  _target_: shoq.make\n" for n in range(FEW))


@pytest.mark.parametrize("job", [JOB, VALUES, CALLS, VALUES + CALLS], ids=["options", "values", "calls", "all"])
def test_a_check_looks_for_the_modules_of_a_project_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    walks = []

    def counted(setting: Setting) -> Iterator[tuple[str, str]]:
        walks.append(setting)
        return own_modules(setting)

    monkeypatch.setattr(uses, "own_modules", counted)
    options = {f"g{number}/there.yaml": "a: 1\n" for number in range(FEW)}
    write(tmp_path, options | {"job.yaml": job, "shop.py": "def make(width, depth): ...\n"})
    setting = Setting(tmp_path)
    composed = Composer(setting).compose(Selection(str(tmp_path / "job.yaml")))
    assert check(composed, setting)
    assert len(walks) == 1


def test_a_resolver_is_found_where_it_is_registered_first(tmp_path: Path) -> None:
    line = "OmegaConf.register_new_resolver('own', len)\n"
    write(tmp_path, {"a.py": f"\n{line}{line}", "b/__init__.py": "", "b/c.py": line.replace("own", "other")})
    found = Uses(Setting(tmp_path))
    assert found.registers("own") == (str(tmp_path / "a.py"), 2)
    assert found.registers("other") == (str(tmp_path / "b/c.py"), 1)
    assert found.registers("none") == ("", 0)
