"""Compiled rules kept on disk: read only where nobody but us can have written them, and only while they are whole.

Numba's own cache asks neither who wrote a file, which it unpickles, nor whether all of it is there, and it knows a
function by the path of its source. Here a file is named by function and types in a folder of ours, and begins with the
SHA-256 of the rest. What is missing or damaged is compiled anew, which is said whenever it happens.

Rests on what Numba 0.68 does inside (`Dispatcher._cache`, `CompileResult._reduce` and `_rebuild`), so `pyproject.toml`
holds Numba to it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

DIGEST_BYTES = hashlib.sha256().digest_size


def folder_for(key: str) -> tuple[Path | None, str]:
    """A folder that is ours alone for the code of a key, in the user's cache or else among temporary files.

    None where neither can be trusted and written, with the reasons.
    """
    reasons = []
    for base in _bases():
        folder = base.resolve() / key
        reason = _unfit(folder)
        if not reason:
            return folder, ""
        reasons.append(reason)
    return None, "; ".join(reasons)


def _bases() -> Iterator[Path]:
    """Where caches lie: XDG_CACHE_HOME if it is a whole path, as its specification says, or ~/.cache; then /tmp."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    with suppress(RuntimeError):  # a user without a home
        yield (home if home.is_absolute() else Path("~/.cache").expanduser()) / "ipsc-race"
    yield Path(tempfile.gettempdir()).resolve() / f"ipsc-race-{os.geteuid()}"


def _unfit(folder: Path) -> str:
    """Why a folder is not fit to hold code that we run, empty where it is: no other user can write to it or swap it."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        for place in (folder, *folder.parents):
            reason = _open_to_others(place, is_ours=place is folder)
            if reason:
                return f"{place} {reason}"
        tempfile.TemporaryFile(dir=folder).close()  # a folder may be there and yet be read-only
    except OSError as error:
        return f"{error.filename or folder}: {error.strerror}"
    return ""


def _open_to_others(place: Path, *, is_ours: bool) -> str:
    """What lets others into a folder, empty where nothing does; above ours the system may own it, and /tmp is shared.

    Who owns the root folder owns all that is in it: in a container it need not be user 0.
    """
    found = place.lstat()
    owners = {os.geteuid()} if is_ours else {os.geteuid(), 0, Path("/").stat().st_uid}
    if not stat.S_ISDIR(found.st_mode):
        return "is no folder, or a link to one"
    if found.st_uid not in owners:
        return "belongs to another user"
    if found.st_mode & (0o077 if is_ours else 0o022) and not (found.st_mode & stat.S_ISVTX and not is_ours):
        return "is open to other users"
    return ""


class KeptCode:
    """The kept code of one function, as Numba asks a cache for it."""

    def __init__(self, name: str, key: str) -> None:
        self._name, self._key = name, key
        self._started = 0.0

    @property
    def cache_path(self) -> str | None:
        """Where it lies, None where it is not kept."""
        folder, _ = folder_for(self._key)
        return str(folder) if folder else None

    def is_whole(self) -> bool:
        """Whether code of the function was kept by an earlier process, to the last byte."""
        folder, _ = folder_for(self._key)
        return folder is not None and any(map(_read, folder.glob(f"{self._name}-*")))

    def load_overload(self, signature: Any, context: Any) -> CompileResult | None:
        """The code for a signature; where there is none, say that it is compiled now."""
        context.refresh()
        folder, why = folder_for(self._key)
        path = folder / self._file_name(signature) if folder else None
        kept = _read(path) if path else None
        if kept is not None:
            return CompileResult._rebuild(context, *pickle.loads(kept))  # noqa: S301, SLF001 - ours alone, and whole
        often = f"anew in every process ({why})" if why else "once for this version of them"
        damaged = "; what was kept of them is damaged" if path and path.exists() else ""
        _say(f"compiling the rules ({self._name}), {often}{damaged} ...")
        self._started = time.perf_counter()
        return None

    def save_overload(self, signature: Any, compiled: CompileResult) -> None:
        """Keep the code that has just been compiled; without room for it the race goes on all the same."""
        _say(f"the rules ({self._name}) are compiled ({time.perf_counter() - self._started:.0f} s)")
        folder, _ = folder_for(self._key)
        if folder:
            try:
                _write(folder / self._file_name(signature), dumps(compiled._reduce()))  # noqa: SLF001
            except OSError as error:
                _say(f"the compiled rules cannot be kept in {folder}: {error.strerror}")

    def _file_name(self, signature: Any) -> str:
        types = "\n".join(str(kind) for kind in signature)
        return f"{self._name}-{hashlib.sha256(types.encode()).hexdigest()[:16]}"


def _read(path: Path) -> bytes | None:
    """What a file holds behind its digest, None where it is not there or not whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    kept = content[DIGEST_BYTES:]
    return kept if hashlib.sha256(kept).digest() == content[:DIGEST_BYTES] else None


def _write(path: Path, kept: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    handle, part = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(kept).digest() + kept)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _say(text: str) -> None:
    sys.stderr.write(f"ipsc-race: {text}\n")
