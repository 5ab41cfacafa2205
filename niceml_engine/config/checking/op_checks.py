"""What is wrong with the declared ops of a job: fields that they do not have, lack, or have as another type."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from niceml_engine.config.checking.calls import Calls
from niceml_engine.config.code.signatures import Parameter
from niceml_engine.jobs.declaration import JOBS, OPS
from niceml_engine.ops_path import op_key, ops_in
from niceml_engine.values import FieldSpec, Problem

_NOTHING = object()


def check_ops(calls: Calls) -> Iterator[Problem]:
    """Checks the ops of a job against their declaration."""
    job = next((spec for spec in JOBS if spec.name == calls.composed.dagster_job), None)
    path = calls.setting.ops_path
    configured = ops_in(calls.data, path)
    if job is None or not configured:
        return
    for name in configured:
        if name not in job.ops:
            message = f"{job.name} has no op {name}; its ops are {', '.join(job.ops)}"
            key = op_key(name, path.partition("{op}")[0] + "{op}")
            yield calls.problem("warning", "unknown-op", message, key, fixes=calls.mender.remove(key))
    for spec in OPS:
        if spec.name not in job.ops:
            continue
        key = op_key(spec.name, path)
        config = _at(calls.data, key)
        if config is _NOTHING:
            message = f"{job.name} leaves out the op {spec.name}, which has no config here"
            yield calls.problem("warning", "missing-op", message, key)
        elif isinstance(config, dict):
            yield from _fields(calls, key, config, spec.fields)


def _fields(calls: Calls, key: str, config: dict[str, Any], fields: tuple[FieldSpec, ...]) -> Iterator[Problem]:
    known = {one.name: one for one in fields}
    for name, value in config.items():
        if name not in known:
            message = f"the op has no field {name}; {_meant(name, known, 'fields')}"
            fixes = calls.mender.remove(f"{key}.{name}")
            yield calls.problem("error", "unknown-field", message, f"{key}.{name}", fixes=fixes)
        else:
            yield from _simple(calls, f"{key}.{name}", known[name], value)
    for one in fields:
        if one.required and one.name not in config:
            message = f"the op needs the field {one.name}: {one.description}"
            yield calls.problem("error", "missing-field", message, f"{key}.{one.name}", details=one.example)


def _simple(calls: Calls, key: str, declared: FieldSpec, value: Any) -> Iterator[Problem]:
    """Checks a field of a simple type, or a mapping of them, in which `null` leaves an entry out."""
    match = re.fullmatch(r"(dict\[str, )?(int|float|bool|str)\]?", declared.expects)
    if match is None:
        return
    if match[1] and isinstance(value, dict):
        for name, item in value.items():
            if declared.keys and name not in declared.keys:
                message = f"{declared.name} has no {name}, which does nothing; {_meant(name, declared.keys, 'keys')}"
                fixes = calls.mender.remove(f"{key}.{name}")
                yield calls.problem("warning", "unknown-field", message, f"{key}.{name}", fixes=fixes)
                continue
            one = Parameter(str(name), "any", "None", match[2])
            yield from calls.typed(one, item, f"{key}.{name}", declared.name, None)
    else:
        default = None if declared.required else "None"
        yield from calls.typed(Parameter(declared.name, "any", default, declared.expects), value, key, "the op", None)


def _meant(name: Any, known: Iterable[str], what: str) -> str:
    near = difflib.get_close_matches(str(name), known, 1)
    return f"did you mean {near[0]}?" if near else f"its {what} are {', '.join(known)}"


def _at(data: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(data, dict) or part not in data:
            return _NOTHING
        data = data[part]
    return data
