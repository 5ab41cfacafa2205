"""A Hydra program of a project's own, run as the one op of a Dagster job.

It runs as in a terminal, `python train.py key=value`, in the interpreter that the project names, and need not know of
us: what it prints becomes the log, and what it measures is read from the files that it writes anyway.

```
 op ─▶ Dagster Pipes ─▶ python train.py key=value
                             │ stdout, stderr            ─▶ output   ─▶ Log
                             │ CSV files                 ─▶ tables   ─▶ Metrics
                             │ event files (TensorBoard) ─▶ records  ─▶ Metrics
                             └ reports through Pipes     ─▶ reports  ─▶ Log, Artifact, Check, and Dagster's own record
```
"""
