"""Rules compiled for what they are: scalar code, linked, optimised and made machine code once, inside their entry.

Numba does for every function, with all that it calls inside it, what only an entry needs: Python calls no rule. It also
makes seventeen passes over it that rules have no use for (closures, object mode, array expressions), and asks again at
every sum of two floats which of forty additions is meant. Left out, the rules compile in half the time, to the same
bits. What Numba does at every index, and LLVM to every loop, is left out too: it costs a race a ninth of its time.
Rests on what Numba 0.68 does inside, as `kept_code.py` does: importing it fails where a part of that is missing.
"""

from __future__ import annotations

from typing import Any

from llvmlite import binding as llvm
from numba.core import cgutils, config, typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.registry import cpu_target
from numba.core.types import Boolean, Number, intp, unliteral  # type: ignore[attr-defined]
from numba.np import arrayobj


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(typed_passes.NativeLowering):
    """Rules count from the front: no index is looked at for being below 0 (`NUMBA_BOUNDSCHECK=1` refuses one that is).

    Numba adds the length of a table to such an index, a few instructions at every field that is read.
    """

    _name = "rule_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower one function."""
        usual, arrayobj.fix_integer_index = arrayobj.fix_integer_index, _as_it_is
        try:
            return bool(super().run_pass(state))
        finally:
            arrayobj.fix_integer_index = usual


def _as_it_is(context: Any, builder: Any, kind: Any, index: Any, _size: Any) -> Any:
    return context.cast(builder, index, kind, intp)


PASSES = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,
    untyped_passes.ReconstructSSA,
    typed_passes.NopythonTypeInference,
    typed_passes.PreLowerStripPhis,
    typed_passes.IRLegalization,
    _Lowering,
    typed_passes.NoPythonBackend,
)
SIMPLE = (Number, Boolean)
_PRIVATE = ("_optimize_functions", "_optimize_final_module", "_get_module_for_linking", "_ensure_finalized")
if not all(hasattr(JITCodeLibrary, name) for name in _PRIVATE) or not hasattr(arrayobj, "fix_integer_index"):
    msg = "Numba's code libraries are not as expected"
    raise ImportError(msg)


class RuleCompiler(CompilerBase):
    """Numba's compiler with the passes that scalar code needs; what Python does not call is only linked."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline of a function."""
        state = self.state
        if state.flags.no_cpython_wrapper and state.library is None:
            state.library = _LinkedLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        elif state.library is None:
            state.library = _EntryLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()
        pipeline = PassManager("rule")
        for each in PASSES:
            pipeline.add_pass(each, each.__name__)
        pipeline.finalize()
        return [pipeline]


class _LinkedLibrary(JITCodeLibrary):
    """Code of a rule, as Numba asks for it; what is left out is done where it is linked in."""

    def __init__(self, codegen: Any, name: str) -> None:
        super().__init__(codegen, name)
        self._texts: list[str] = []
        self._shared_module: Any = None

    @property
    def codegen(self) -> Any:
        """Whom Numba tells the environment of a function: it has none as long as it has no address."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing to be set."""

    def get_pointer_to_function(self, name: str) -> int:
        """No address: it is never called by itself."""
        del name
        return 0

    def add_ir_module(self, ir_module: Any) -> None:
        """Keep the text of a module."""
        self._texts.append(cgutils.normalize_ir_text(str(ir_module)))

    def finalize(self) -> None:
        """Nothing is linked in yet."""
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        """The rule with all that it calls, each once: the linker drops what nobody calls before it sees the caller."""
        if self._shared_module is None:
            module, libraries = self._final_module, _with_all_called(self)
            for library in libraries:
                for text in library._texts if isinstance(library, _LinkedLibrary) else ():  # noqa: SLF001
                    part = llvm.parse_assembly(text)
                    self._optimize_functions(part)
                    module.link_in(part)
            for library in libraries:
                if not isinstance(library, _LinkedLibrary):
                    module.link_in(library._get_module_for_linking(), preserve=True)  # noqa: SLF001
            for function in module.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
            self._shared_module = module
        return self._shared_module


class _EntryLibrary(JITCodeLibrary):
    """Code of an entry with all rules in it, optimised once."""

    def _optimize_final_module(self) -> None:
        """Loops stay as they are: unrolled they are more code, which is seldom run twice before it is pushed out."""
        options = llvm.create_pipeline_tuning_options(int(config.OPT))
        options.loop_unrolling = False
        options.loop_vectorization, options.slp_vectorization = config.LOOP_VECTORIZE, config.SLP_VECTORIZE
        builder = llvm.create_pass_builder(self._codegen._tm, options)  # noqa: SLF001
        builder.getModulePassManager().run(self._final_module, builder)


def _with_all_called(library: Any) -> list[Any]:
    """A library and those whose code is linked into it, each once."""
    found, waiting = {library: None}, [library]
    while waiting:
        for called in waiting.pop()._linking_libraries:  # noqa: SLF001
            if called not in found:
                found[called] = None
                if isinstance(called, _LinkedLibrary):  # any other holds what it calls
                    waiting.append(called)
    return list(found)


def _quicken() -> None:
    """Spare Numba, in this process, what it does over and over for each of many small functions."""
    types = cpu_target.typing_context
    llvm.ffi.lib._lock._cblist.clear()  # a clock read at each call of LLVM  # noqa: SLF001
    resolve, known = types.resolve_function_type, {}

    def resolved(function: Any, arguments: Any, named: Any) -> Any:
        """What a function gives for types that it has seen before; a literal counts as a number."""
        if named or not all(isinstance(kind, SIMPLE) for kind in arguments):
            return resolve(function, arguments, named)
        key = (id(function), *map(unliteral, arguments))
        if key not in known:
            known[key] = resolve(function, key[1:], named), function  # held, so that its id stays its own
        return known[key][0]

    types.resolve_function_type = resolved


_quicken()
