"""A plain Hydra program as people write them: a script with `@hydra.main`, a folder of configs, and nothing of ours."""

from __future__ import annotations

from pathlib import Path

#: Measures into a CSV file and with TensorBoard's own writer, without TensorFlow, whose import takes seconds.
SCRIPT = """\
import csv
import json
import logging
import signal
import sys
import types
from pathlib import Path
from threading import Event

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
log = logging.getLogger(__name__)


@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(cfg: DictConfig) -> None:
    from tensorboard.summary import Writer

    out = Path(HydraConfig.get().runtime.output_dir)
    blocked = sorted(int(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    here = {"argv": sys.argv, "python": sys.executable, "blocked": blocked, "out": str(out)}
    Path("started.json").write_text(json.dumps(here))
    log.info("trains %s", cfg.model.name)
    print("a plain line")
    if cfg.stubborn:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    writer = Writer(str(out / "board" / "train"))
    pause = Event()
    try:
        with open(out / "metrics.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["epoch", "step", "loss", "val_loss"])
            for step in range(cfg.steps):
                last = step % 10 == 9
                rows.writerow([step // 10, step, cfg.rate / (step + 1), cfg.rate * 1.5 / (step + 1) if last else ""])
                file.flush()
                writer.add_scalar("accuracy", 1 - 0.5 / (step + 1), step)
                writer.flush()
                if step == cfg.fails_at:
                    raise ValueError(f"cannot go on at step {step}")
                pause.wait(cfg.pause)
    except KeyboardInterrupt:
        log.warning("interrupted, saves what there is")
        Path("saved.txt").touch()
        raise
    finally:
        writer.close()


if __name__ == "__main__":
    main()
"""

CONFIG = """\
defaults:
  - model: small
  - _self_
# how many steps are trained
steps: 30
rate: 1.0
pause: 0.0
fails_at: -1
# does not listen when it is asked to stop
stubborn: false
"""


def write_program(root: Path, script: str = SCRIPT) -> Path:
    """Writes the program into a folder, and returns its script."""
    (root / "conf" / "model").mkdir(parents=True)
    (root / "conf" / "config.yaml").write_text(CONFIG)
    for name, width in (("small", 8), ("large", 64)):
        (root / "conf" / "model" / f"{name}.yaml").write_text(f"name: {name}\nwidth: {width}\n")
    (root / "train.py").write_text(script)
    (root / ".niceml").mkdir()
    return root / "train.py"
