"""Files of a result: whole or not at all under their names, and still there after a power cut."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ipsc_race_lab.errors import LabError

PART = ".part"  # end of the name of a file that is not whole yet
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its name at the end of the block; of a block that fails nothing is left.

    The caller holds the folder (`folder.held`), so a part that lies there is of a process that has died. What lies
    under the name of the part is replaced and never written through, a link least of all. Raises OSError.
    """
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, NEW, 0o666), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Put the names in a folder on disk."""
    there = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(there)
    finally:
        os.close(there)


def write_json(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> None:
    r"""Write a JSON file. Bytes of a name that are no UTF-8 stand as JSON writes them, `\udcff`. Raises OSError."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    with whole_file(path) as file:
        file.write(f"{text}\n".encode(errors="backslashreplace"))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds a mapping. Raises LabError where it is not there or not whole."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise LabError(f"{path}: cannot be read: {reason(error)}") from error
    except (ValueError, RecursionError) as error:
        raise LabError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict):
        raise LabError(f"{path}: is damaged: holds no mapping")
    return content


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of what a JSON file says, however it is laid out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reason(error: OSError) -> str:
    """Why a file could not be read or written, in the system's words."""
    return os.strerror(error.errno) if error.errno else str(error)
