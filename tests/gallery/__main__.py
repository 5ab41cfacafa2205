"""Draws every scene: `python -m tests.gallery [FOLDER]`, light and dark, small and large, at 100 % and 200 %."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

SIZES = ("small", "large")
SCALES = (1, 2)
THEMES = ("light", "dark")
REST_MS = 200
_SCREEN = {"width": 4000, "height": 2600, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1, "name": "s", "x": 0, "y": 0}


def main() -> int:
    """Makes the projects and their runs, then draws in a process for each scale, which Qt reads at its start."""
    parser = argparse.ArgumentParser("tests.gallery", description=__doc__)
    parser.add_argument("folder", nargs="?", default="outputs/pictures")
    parser.add_argument("--only", default="*", help="names of scenes, with * and ?")
    parser.add_argument("--scale", type=int, choices=SCALES, help="one scale only")
    parser.add_argument("--size", choices=sorted(SIZES), help="one size only")
    parser.add_argument("--projects", help="a folder with the projects, made if it is not there, and kept")
    parser.add_argument("--drawing", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = Path(given.folder).resolve()
    if given.drawing:
        return _draw(folder, Path(given.projects), given)
    with tempfile.TemporaryDirectory(prefix="niceml-gallery-") as scratch:
        return _draw_all(folder, Path(given.projects or scratch).resolve(), given)


def _draw_all(folder: Path, projects: Path, given: argparse.Namespace) -> int:
    os.environ["NICEML_STATE_DIR"] = str(projects / "state")
    from tests.gallery.projects import DIGITS, EPOCHS, FAILING, build, environment, past, run_program, train
    from tests.gallery.scenes import all_scenes

    folder.mkdir(parents=True, exist_ok=True)
    projects.mkdir(parents=True, exist_ok=True)
    if not (projects / DIGITS).exists():
        build(projects)
    wanted = [one for one in all_scenes() if fnmatch(one.name, given.only)]
    if any(one.run for one in wanted) and not (projects / DIGITS / ".niceml" / "runs").exists():
        print("training…", flush=True)
        past(projects)
        train(projects, (f"{EPOCHS}=4",), FAILING)
        run_program(projects)
    screen = projects / "screen.json"
    screen.write_text(json.dumps({"screens": [_SCREEN]}), encoding="utf-8")
    for scale in (given.scale,) if given.scale else SCALES:
        own = environment(QT_QPA_PLATFORM=f"offscreen:configfile={screen}", QT_SCALE_FACTOR=str(scale))
        command = [sys.executable, "-m", "tests.gallery", str(folder), "--drawing"]
        command += ["--projects", str(projects), "--only", given.only, "--scale", str(scale)]
        command += ["--size", given.size] if given.size else []
        if subprocess.run(command, env=own, check=False).returncode:
            return 1
    _list(folder)
    print(f"pictures in {folder}, side by side in {folder / 'index.html'}")
    return 0


def _draw(folder: Path, projects: Path, given: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from niceml_gui.app import bury
    from niceml_gui.theme import theme
    from tests.gallery.scenes import Scene, all_scenes
    from tests.gallery.stage import LARGE, SMALL, Stage

    application = QApplication([])
    stage = Stage(projects, rest_ms=REST_MS)
    wanted = [one for one in all_scenes() if fnmatch(one.name, given.only)]
    failed = []

    def draw(scene: Scene, size: str, themes: tuple[str, ...]) -> None:
        try:
            stage.open(scene.project)
            for _ in scene.play(stage):
                for name in themes:
                    theme().set_dark(name == "dark")
                    stage.settle()
                    stage.picture().save(str(folder / f"{scene.name}-{size}-{given.scale * 100}-{name}.png"))
        except (TimeoutError, AssertionError, AttributeError) as error:
            failed.append(scene)
            print(f"{scene.name}: {error!r}", file=sys.stderr, flush=True)
        stage.clear()

    for size in (given.size,) if given.size else SIZES:
        stage.resize(SMALL if size == "small" else LARGE)
        for one in (one for one in wanted if one.slow):  # switching the theme takes less than playing them again
            draw(one, size, THEMES)
        for name in THEMES:
            theme().set_dark(name == "dark")
            for one in (one for one in wanted if not one.slow):
                draw(one, size, (name,))
            print(f"{size} windows at {given.scale * 100} %, {name}", flush=True)
    stage.close()
    bury()
    del application
    return int(bool(failed))


def _list(folder: Path) -> None:
    """Writes a page that shows the pictures side by side."""
    rows = []
    for light in sorted(folder.glob("*-light.png")):
        dark = light.name.replace("-light", "-dark")
        pair = "".join(f'<a href="{name}"><img loading="lazy" src="{name}"></a>' for name in (light.name, dark))
        rows.append(f"<h2>{light.name.removesuffix('-light.png')}</h2><div>{pair}</div>")
    style = "body{font:14px sans-serif;background:#888}div{display:flex;gap:8px}a{flex:1}img{width:100%}"
    text = f"<!doctype html><meta charset=utf-8><title>niceml</title><style>{style}</style>{''.join(rows)}"
    (folder / "index.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
