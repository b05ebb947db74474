"""The two hosts of the rules: compiled over records (default), plain Python over Mesa agents (NUMBA_DISABLE_JIT=1).

A rule is written once. `njit` here is Numba's own decorator; where Numba's own switch `NUMBA_DISABLE_JIT=1` is set it
leaves the function as it is, and `PLAIN` is true. What was compiled is kept on disk (`kept_code.py`) under a name made
of all that decides it, the content of all sources above all: an edited callee would else leave a stale caller.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


@cache
def source_hash() -> str:
    """Hash of every Python source of the model, as this process found it: the same wherever the same rules lie."""
    digest = hashlib.sha256()
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.relative_to(PACKAGE).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


# The rules are scalar code: vectorised they take longer to compile and gain nothing (docs/decisions.md).
os.environ.setdefault("NUMBA_OPT", "2")
os.environ.setdefault("NUMBA_LOOP_VECTORIZE", "0")
os.environ.setdefault("NUMBA_SLP_VECTORIZE", "0")

import numba  # noqa: E402 - Numba reads its settings when imported
import numpy as np  # noqa: E402
from llvmlite import binding as llvm  # noqa: E402

from ipsc_race.numba_parts import refuse_other_numba  # noqa: E402

refuse_other_numba()  # before its parts are used

from numba.core.types import Integer, Record, int64, unliteral  # type: ignore[attr-defined]  # noqa: E402

from ipsc_race.kept_code import KeptCode, folder_for  # noqa: E402

try:
    from ipsc_race.linked_code import RuleCompiler
except (ImportError, AttributeError):  # a Numba that is built otherwise compiles rules as it compiles anything
    QUICKLY: dict[str, Any] = {}
else:
    QUICKLY = {"pipeline_class": RuleCompiler, "_nrt": False}  # no rule makes an array, so none counts references

numba.config.reload_config()  # imported before us, Numba would notice our settings late
Record.__repr__ = Record.__str__  # type: ignore[method-assign] # which is kept and not made anew at every message
PLAIN: bool = bool(numba.config.DISABLE_JIT)
SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "CPU_NAME", "CPU_FEATURES")  # that move code


def _code_key() -> str:
    """Name of all that decides what the rules are compiled to: sources, versions, settings of Numba, processor."""
    settings = [getattr(numba.config, name) for name in SETTINGS]
    processor = (llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    told = (source_hash(), sys.version, numba.__version__, np.__version__, settings, processor)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


CODE_KEY = _code_key()  # taken with the sources: a process that outlives an edit still races by the old ones


def _compiled(function: Any, **options: Any) -> Any:
    """Numba's decorator, made to compile a function once and not for every literal and size of number passed to it.

    `error_model="numpy"` drops the test of every division; no rule divides by zero (the plain host would raise).
    """
    dispatcher: Any = numba.njit(no_cfunc_wrapper=True, error_model="numpy", **options)(function)
    if not PLAIN:
        specialised = dispatcher.get_call_template
        dispatcher.get_call_template = lambda args, kws: specialised(tuple(map(_usual, args)), kws)
    return dispatcher


def _usual(kind: Any) -> Any:
    """The type in which a rule takes an argument: no literal, and whole numbers of all sizes as one."""
    return int64 if isinstance(kind, Integer) and kind.signed else unliteral(kind)  # type: ignore[attr-defined]


def njit[F: Callable[..., Any]](function: F) -> F:
    """Compile a formula that both rules and Python call: for rules to be linked, for Python when it first asks."""
    dispatcher: Any = _compiled(function)
    if not PLAIN:
        linked: Any = rule(function)
        dispatcher.get_call_template, dispatcher.get_overload = linked.get_call_template, linked.get_overload
        dispatcher.linked = linked
    compiled: F = dispatcher
    return compiled


def rule[F: Callable[..., Any]](function: F) -> F:
    """Compile a rule: other rules call it, Python does not, which saves more than half of the time to compile."""
    compiled: F = _compiled(function, no_cpython_wrapper=True, **QUICKLY)
    return compiled


def entry[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that Python calls: kept on disk, and free of the interpreter's lock while it runs."""
    dispatcher: Any = _compiled(function, nogil=True, **QUICKLY)
    if not PLAIN:
        dispatcher._cache = KeptCode(function.__name__, CODE_KEY)  # noqa: SLF001
    compiled: F = dispatcher
    return compiled


def keeps_code() -> bool:
    """Whether there is a folder, ours alone, in which compiled rules can be kept."""
    return folder_for(CODE_KEY)[0] is not None


def is_kept(function: Any) -> bool:
    """Whether an earlier process compiled an entry of these very sources, and what it kept is whole."""
    return bool(function._cache.is_whole())  # noqa: SLF001


__all__ = ["CODE_KEY", "PLAIN", "entry", "is_kept", "keeps_code", "njit", "rule", "source_hash"]
