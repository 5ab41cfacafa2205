"""MessagePack of frozen values, with the integers of any size that YAML and Python have and MessagePack lacks."""

from __future__ import annotations

from typing import Any

import msgspec

_BIG = 1  #: the code of an integer beyond 64 bits, which follows as digits
_LEAST, _MOST = -(2**63), 2**64 - 1


def pack(value: object) -> bytes:
    """Encodes a value.

    Args:
        value: Made of structs, containers and scalars; integers may have any size.
    """
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:  # rare, and only then is it worth a look at all there is
        return msgspec.msgpack.encode(_with_digits(value))


def unpack(data: bytes | memoryview | msgspec.Raw, kind: Any) -> Any:
    """Decodes a value that `pack` has encoded.

    Args:
        data: The bytes.
        kind: The type of the value.

    Raises:
        msgspec.DecodeError: They are something else.
    """
    return msgspec.msgpack.decode(data, type=kind, ext_hook=big)


def big(code: int, data: memoryview) -> int:
    """The integer of an extension of MessagePack, for decoders of one's own.

    Raises:
        msgspec.ValidationError: It is none.
    """
    if code != _BIG:
        raise msgspec.ValidationError(f"an extension of the kind {code} means nothing here")
    return int(bytes(data), 16)


def _with_digits(value: Any) -> Any:
    """A copy in which digits stand for integers that are too big."""
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return msgspec.msgpack.Ext(_BIG, format(value, "x").encode())
    if isinstance(value, dict):
        return {_with_digits(key): _with_digits(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_digits(one) for one in value]
    if isinstance(value, msgspec.Struct):
        fields = {name: _with_digits(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value
