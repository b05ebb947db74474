"""Rules as code to be linked: optimised and turned into machine code once, inside the entry that calls them.

Numba does both for every function, with all that it calls inside it: the deepest rule some forty times, all but one of
them for nothing, since Python calls no rule. Left out, the rules compile in half the time, to the same bits. Rests on
what Numba 0.68 does inside, as `kept_code.py` does.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

_linked: set[str] = set()  # names of functions that are only linked


class _LinkedLibrary(JITCodeLibrary):
    """Code of a rule, as Numba asks for it; what is left out is done where it is linked in."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """No address: it is never called by itself."""
        del name
        self._ensure_finalized()
        return 0


def only_link(name: str) -> None:
    """Compile the functions of a name for linking alone."""
    if not _linked:
        _teach(cpu_target.target_context.codegen())
    _linked.add(name)


def _teach(codegen: Any) -> None:
    """Make Numba's code generator ask which functions are only linked; an environment is set where there is code."""
    make, set_environment = codegen.create_library, codegen.set_env

    def create_library(name: str, **options: Any) -> Any:
        return _LinkedLibrary(codegen, name) if name in _linked else make(name, **options)

    def set_env(name: str, environment: Any) -> None:
        if codegen._engine.is_symbol_defined(name):  # noqa: SLF001
            set_environment(name, environment)

    codegen.create_library, codegen.set_env = create_library, set_env
