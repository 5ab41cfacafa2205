"""What an op takes although its config does not say it yet."""

from __future__ import annotations

from niceml_engine.jobs.declaration import OPS
from niceml_engine.ops_path import op_at, op_key


def is_declared(key: str, ops_path: str) -> bool:
    """Whether an op declares a field at a key, or one with an entry there.

    Args:
        key: Of a composed config.
        ops_path: Where the config of an op lies in it.
    """
    op = op_at(key, ops_path)
    own = f"{op_key(op, ops_path)}."
    field, _, entry = key.removeprefix(own).partition(".")
    fields = (one for spec in OPS if spec.name == op for one in spec.fields if one.name == field)
    return key.startswith(own) and any(not entry or entry in one.keys for one in fields)
