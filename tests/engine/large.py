"""Projects as large as they come: a job that includes hundreds of files with thousands of values."""

from __future__ import annotations

from pathlib import Path

_SHARED = 5  #: files that are included at many places
_CHILDREN = 7


def large_project(root: Path, files: int = 300, leaves: int = 5_000) -> Path:
    """Writes a project whose job includes so many files, itself counted, which set about so many values.

    Some files are included repeatedly, some optionally, one is not there, and one choice is overridden.

    Returns:
        The job file.
    """
    own = files - _SHARED
    each = max(1, round(leaves / (files + own // 3)))
    for number in range(own):
        lines = ["defaults:"]
        for child in range(number * _CHILDREN + 1, min((number + 1) * _CHILDREN + 1, own)):
            lines.append(f"  - {'optional ' if child % 11 == 0 else ''}/part_{child % 12}@part_{child}: file_{child}")
        if number % 3 == 2:
            lines.append(f"  - /shared@common: shared_{number % _SHARED}")
        if number == 0:
            lines += ["  - optional /part_1@nowhere: not_there", "  - override /shared@part_2.common: shared_1"]
        lines.append("  - _self_")
        lines += [f"value_{row}: {number * each + row}" for row in range(each)]
        group = root / "configs" if number == 0 else root / f"configs/part_{number % 12}"
        group.mkdir(parents=True, exist_ok=True)
        name = "large.yaml" if number == 0 else f"file_{number}.yaml"
        (group / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    shared = root / "configs/shared"
    shared.mkdir()
    for number in range(_SHARED):
        text = "".join(f"shared_{row}: ${{oc.env:HOME,{row}}}\n" for row in range(each))
        (shared / f"shared_{number}.yaml").write_text(text, encoding="utf-8")
    return root / "configs/large.yaml"
