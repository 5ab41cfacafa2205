"""A place for data or experiments: a folder on this machine or any URL that fsspec knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from niceml_engine.errors import StoreError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LOCAL = ("", "file", "local")


@dataclass(frozen=True, slots=True)
class Location:
    """A folder, local or remote.

    Attributes:
        uri: A path or an URL such as `s3://bucket/folder`; relative paths belong to the project root.
        credentials: fsspec's storage options for remote protocols; entries that are `None` count as absent.
    """

    uri: str
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, node: Mapping[str, Any] | str, root: str | Path = ".") -> Location:
        """Makes a location from a config node `{uri, credentials}`, or from an URI alone.

        Args:
            node: Resolved config node.
            root: The folder that a relative path belongs to.

        Raises:
            StoreError: The node has no `uri`.
        """
        uri = node if isinstance(node, str) else node.get("uri")
        if not uri:
            raise StoreError("a location needs a `uri`; set DATA_URI or EXPERIMENT_URI, or the config's `uri`")
        credentials = {} if isinstance(node, str) else dict(node.get("credentials") or {})
        if "://" not in str(uri):
            uri = str((Path(root) / str(uri)).resolve())
        return cls(str(uri), {key: value for key, value in credentials.items() if value is not None})

    @property
    def protocol(self) -> str:
        """The part before `://`; empty for a plain path."""
        return self.uri.split("://", 1)[0] if "://" in self.uri else ""

    @property
    def is_local(self) -> bool:
        """Whether the folder is on this machine's own file system."""
        return self.protocol in LOCAL

    def __truediv__(self, name: str) -> Location:
        """The location of something inside this one."""
        return Location(f"{self.uri.rstrip('/')}/{name}", self.credentials)

    def open(self) -> tuple[AbstractFileSystem, str]:
        """Opens the file system.

        Returns:
            The file system and the path of this location in it, without a slash at the end.

        Raises:
            StoreError: fsspec does not know the protocol, or the credentials do not fit it.
        """
        import fsspec

        if self.is_local:  # not by its name: fsspec would take what stands behind `::` for other file systems
            local = fsspec.get_filesystem_class("file")()
            return local, str(local._strip_protocol(self.uri)).rstrip("/")
        try:
            system, path = fsspec.core.url_to_fs(self.uri, **self.credentials)
        except (ImportError, ValueError, TypeError) as error:
            raise StoreError(f"{self.uri} cannot be opened: {error}") from error
        return system, str(path).rstrip("/")
