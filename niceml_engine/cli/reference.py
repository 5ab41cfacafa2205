"""The reference of jobs, ops and fields, made from their declaration."""

from __future__ import annotations

import textwrap

import msgspec

from niceml_engine.cli.drawing import to_json
from niceml_engine.jobs.declaration import JOBS, OPS
from niceml_engine.values import FieldSpec, OpSpec


def reference(format: str) -> str:
    """Writes the reference.

    Args:
        format: `text`, `json`, `markdown` or `mermaid`.
    """
    if format == "json":
        return to_json({"jobs": JOBS, "ops": OPS})
    if format == "mermaid":
        lines = ["graph LR"]
        for job in JOBS:
            lines.append(f'  subgraph {job.name}["{job.name}"]')
            lines += [f'    {job.name}_{name}["{name}"]' for name in job.ops]
            lines += [
                f"    {job.name}_{one} --> {job.name}_{two}" for one, two in zip(job.ops, job.ops[1:], strict=False)
            ]
            lines.append("  end")
        return "\n".join(lines)
    blocks = [_job_text(format), *(_op_markdown(op) if format == "markdown" else _op_text(op) for op in OPS)]
    return "\n".join(blocks).rstrip()


def _job_text(format: str) -> str:
    if format == "markdown":
        rows = [f"| `{job.name}` | {' → '.join(job.ops)} | {job.description} |" for job in JOBS]
        return "\n".join(["# Jobs", "", "| job | ops | |", "| --- | --- | --- |", *rows, "", "# Ops", ""])
    return "\n".join(f"{job.name}  {' → '.join(job.ops)}\n  {job.description}" for job in JOBS) + "\n"


def _op_markdown(op: OpSpec) -> str:
    lines = [f"## {op.name}", "", op.description, "", f"Config: `ops.{op.name}.config`", ""]
    lines += ["| field | expects | default | |", "| --- | --- | --- | --- |"]
    for field in op.fields:
        state = "required" if field.required else f"`{_default(field)}`"
        expects = field.expects.replace("|", "\\|")
        lines.append(f"| `{field.name}` | `{expects}` | {state} | {field.description} |")
    examples = [field.example for field in op.fields if field.example]
    if examples:
        lines += ["", "```yaml", *examples, "```"]
    return "\n".join([*lines, ""])


def _op_text(op: OpSpec) -> str:
    lines = [f"ops.{op.name}.config", *textwrap.wrap(op.description, 100, initial_indent="  ", subsequent_indent="  ")]
    for field in op.fields:
        state = "required" if field.required else f"default {_default(field)}"
        lines.append(f"  {field.name}: {field.expects}  ({state})")
        lines += textwrap.wrap(field.description, 100, initial_indent="      ", subsequent_indent="      ")
    return "\n".join([*lines, ""])


def _default(field: FieldSpec) -> str:
    return msgspec.json.format(msgspec.json.encode(field.default), indent=0).decode()
