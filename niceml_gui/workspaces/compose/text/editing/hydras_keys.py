"""What can be set below `hydra`, which no composed config shows: keys of its own config, each in a few words."""

from __future__ import annotations

HYDRAS_KEYS = {
    "hydra.run.dir": "the output folder of one run",
    "hydra.sweep.dir": "the output folder of a sweep",
    "hydra.sweep.subdir": "in it, the folder of each run",
    "hydra.sweeper.params": "what --multirun sweeps, by key",
    "hydra.sweeper.max_batch_size": "runs that are launched at once",
    "hydra.mode": "RUN or MULTIRUN",
    "hydra.searchpath": "more places of configs: file:// and pkg://",
    "hydra.output_subdir": "the folder of config.yaml in the output; null: none",
    "hydra.verbose": "true, or the loggers that say more",
    "hydra.job.name": "what the job is called",
    "hydra.job.chdir": "whether a run starts in its output folder",
    "hydra.job.env_set": "environment variables of a run",
    "hydra.job.env_copy": "environment variables that are passed on",
    "hydra.job.config.override_dirname.kv_sep": "between key and value in the name of a folder",
    "hydra.job.config.override_dirname.item_sep": "between overrides in the name of a folder",
    "hydra.job.config.override_dirname.exclude_keys": "keys that the name of a folder leaves out",
    "hydra.callbacks": "what is called when runs begin and end",
    "hydra.hydra_logging": "how Hydra itself logs",
    "hydra.job_logging": "how a run logs",
    "hydra.help.template": "what --help says",
}
