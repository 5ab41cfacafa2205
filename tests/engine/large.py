"""Projects as large as they come: a job that includes hundreds of files with thousands of values."""

from __future__ import annotations

from pathlib import Path

from tests.engine.config.reference import write

_SHARED = 5  #: files that are included at many places
_CHILDREN = 7


def project_of_files(root: Path, files: int = 300, leaves: int = 5_000) -> Path:
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
        group = root if number == 0 else root / f"part_{number % 12}"
        group.mkdir(parents=True, exist_ok=True)
        name = "large.yaml" if number == 0 else f"file_{number}.yaml"
        (group / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    shared = root / "shared"
    shared.mkdir()
    for number in range(_SHARED):
        text = "".join(f"shared_{row}: ${{oc.env:HOME,{row}}}\n" for row in range(each))
        (shared / f"shared_{number}.yaml").write_text(text, encoding="utf-8")
    return root / "large.yaml"


def project_of_lists(root: Path, leaves: int) -> Path:
    """Writes a project with so many values, nearly all of them in a list of names and in one of mappings.

    Returns:
        The job file.
    """
    names = leaves // 2
    boxes = (leaves - names) // 4
    files = {
        "job.yaml": "defaults: [data@train: names, data@test: boxes, model: small, _self_]\nepochs: 1\n",
        "data/names.yaml": "items:\n" + "".join(f"- images/train/image_{row:05d}.png\n" for row in range(names)),
        "data/boxes.yaml": "items:\n"
        + "".join(
            f"- {{name: image_{row}.png, box: [{row % 640}, {row % 480}], weight: 0.5}}\n" for row in range(boxes)
        ),
        "model/small.yaml": "width: 3\n",
        "model/large.yaml": "width: 9\n",
    }
    return write(root, files) / "job.yaml"


def project_of_entries(root: Path, count: int, entry: str) -> Path:
    """Writes a project whose job has so many entries in its defaults list, each an option of its own.

    Args:
        root: The folder.
        count: How many entries.
        entry: An entry; `{0}` is its number in three digits.

    Returns:
        The job file.
    """
    numbers = [f"{number:03d}" for number in range(count)]
    files = {f"part/p{number}.yaml": f"name: p{number}\nl: [{number}]\nm: {{a: 1}}\n" for number in numbers}
    listed = "".join(f"  - {entry.format(number)}\n" for number in numbers)
    own = "k: 1\nparts: {p003: {m: null}}\n"
    return write(root, files | {"job.yaml": f"defaults:\n{listed}  - _self_\n{own}"}) / "job.yaml"
