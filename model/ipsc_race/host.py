"""The two hosts of the rules: compiled over records (default), plain Python over Mesa agents (NUMBA_DISABLE_JIT=1).

A rule is written once. `njit` here is Numba's own decorator; where Numba's own switch `NUMBA_DISABLE_JIT=1` is set it
leaves the function as it is, and `PLAIN` is true. Numba's on-disk cache looks only at the file of the cached
function, so an edited callee would leave a stale caller; the cache folder is therefore named by a hash of all sources
of the model.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


def source_hash() -> str:
    """Hash of every Python source of the model: two folders with the same rules share it, an edited rule does not."""
    digest = hashlib.sha256()
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.relative_to(PACKAGE).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of the compiled rules; a temporary one where the user's cache cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path("~/.cache").expanduser()
    folder = base / "ipsc-race" / source_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # a folder may be there and yet be read-only
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"ipsc-race-{os.getuid()}" / source_hash()
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def is_compiled() -> bool:
    """Whether an earlier process compiled the rules of these very sources on this machine, to the end."""
    return (cache_folder() / "complete").exists()


def mark_compiled() -> None:
    """Remember that the compiled rules are complete."""
    (cache_folder() / "complete").touch()


# The rules are scalar code: the higher levels double the time to compile and gain nothing (docs/decisions.md).
os.environ.setdefault("NUMBA_OPT", "1")
os.environ.setdefault("NUMBA_LOOP_VECTORIZE", "0")
os.environ.setdefault("NUMBA_SLP_VECTORIZE", "0")

import numba  # noqa: E402 - Numba reads its settings when imported
from numba.core.types import unliteral  # type: ignore[attr-defined]  # noqa: E402

numba.config.reload_config()  # imported before us, Numba would notice our settings late, and forget the cache folder
if not os.environ.get("NUMBA_CACHE_DIR"):  # set here, not in the environment, which a child of other sources inherits
    numba.config.CACHE_DIR = str(cache_folder())
PLAIN: bool = bool(numba.config.DISABLE_JIT)


def njit[F: Callable[..., Any]](function: F, **options: Any) -> F:
    """Numba's decorator, made to compile a function once and not once more for every literal passed to it.

    `error_model="numpy"` drops the test of every division; no rule divides by zero (the plain host would raise).
    """
    dispatcher: Any = numba.njit(no_cfunc_wrapper=True, error_model="numpy", **options)(function)
    if not PLAIN:
        specialised = dispatcher.get_call_template
        dispatcher.get_call_template = lambda args, kws: specialised(tuple(map(unliteral, args)), kws)
    compiled: F = dispatcher
    return compiled


def rule[F: Callable[..., Any]](function: F) -> F:
    """Compile a rule: other rules call it, Python does not, which saves a quarter of the time to compile."""
    return njit(function, no_cpython_wrapper=True)


def entry[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that Python calls: kept on disk, and free of the interpreter's lock while it runs."""
    return njit(function, cache=True, nogil=True)


__all__ = ["PLAIN", "cache_folder", "entry", "is_compiled", "mark_compiled", "njit", "rule", "source_hash"]
