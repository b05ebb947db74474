"""What the compiled rules rest on inside Numba, asked for by name: another version may have moved or renamed it."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter

import numba

WANTED = "0.68"  # as `pyproject.toml` has it
PARTS = {  # of `numba.core`, by module
    "caching": ("_Cache.load_overload", "_Cache.save_overload"),
    "codegen": (
        "JITCodeLibrary._ensure_finalized",
        "JITCodeLibrary._finalize_final_module",
        "JITCodeLibrary._optimize_final_module",
        "JITCodeLibrary.get_pointer_to_function",
        "JITCPUCodegen.create_library",
        "JITCPUCodegen.set_env",
    ),
    "compiler": ("CompileResult._rebuild", "CompileResult._reduce"),
    "dispatcher": ("Dispatcher.get_call_template",),
    "registry": ("cpu_target.target_context",),
    "serialize": ("dumps",),
    "types": ("Record", "unliteral"),
}


def refuse_other_numba() -> None:
    """Raise ImportError, in a sentence that says what to install, where a part is not there."""
    for module, names in PARTS.items():
        for name in names:
            try:
                attrgetter(name)(import_module(f"numba.core.{module}"))
            except (AttributeError, ImportError) as error:
                message = (
                    f"Numba {numba.__version__} has no numba.core.{module}.{name}, on which the compiled rules rest; "
                    f"install Numba {WANTED} (pip install 'numba=={WANTED}.*')"
                )
                raise ImportError(message, name="numba") from error
