"""Typed reading of YAML: pydantic models over what a file says, and every problem in our words at its place.

A model says what a file may hold; `TypedFile.read` holds the file against it. What pydantic finds wrong is told at the
line and column of the value, with what was expected and the nearest valid name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from ipsc_race.loading import ScenarioError
from ipsc_race.tree import did_you_mean, within
from ipsc_race.values import MONTH
from ipsc_race.yaml_reading import Node, Problem, problem, shown_value

Where = Sequence[str | int]  # keys and places on the way from the root; a step that is not there is passed over


# Words of the models


@dataclass(frozen=True)
class Expected:
    """Marks a value with what it should be, in words: said in place of whatever is wrong with it."""

    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the value under one complaint."""
        return core_schema.custom_error_schema(handler(source), "expected", custom_error_message=self.words)


@dataclass(frozen=True)
class Whole:
    """Marks a whole number between two bounds, both included; 1e3 is one."""

    low: int
    high: int
    multiple_of: int = 1

    @property
    def words(self) -> str:
        """What is expected."""
        what = "an even" if self.multiple_of == 2 else "a whole"
        return f"{what} number from {self.low:,} to {self.high:,}"

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of such a number."""
        number = core_schema.int_schema(ge=self.low, le=self.high, multiple_of=self.multiple_of, strict=True)
        return core_schema.custom_error_schema(
            core_schema.no_info_before_validator_function(_as_whole, number),
            "expected", custom_error_message=self.words,
        )  # fmt: skip


@dataclass(frozen=True)
class OneOf:
    """Marks a word that is one of more names than its own model knows, so that the nearest of all is told."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the word under a complaint that names them all."""
        context = {"expected": ", ".join(map(repr, self.names))}
        return core_schema.custom_error_schema(
            handler(source), "none_of", custom_error_message="{expected}", custom_error_context=context
        )


def _as_whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Text = Annotated[str, Field(min_length=1), Expected("text")]
Number = Annotated[float, Field(gt=-1e300, lt=1e300), Expected("a number")]
Month = Annotated[str, Field(pattern=rf"^{MONTH.pattern}$"), Expected("a month such as 2018-11")]
ONE_OR_MORE = BeforeValidator(_as_list, json_schema_input_type=str | list[str])  # a list of words, or its only one


def wrong(message: str) -> PydanticCustomError:
    """What a validator raises: the message goes on from the path, such as "names mars, which is no bloc"."""
    return PydanticCustomError("said", "{message}", {"message": message})


class Block(BaseModel):
    """A mapping of a file: frozen, closed to unknown keys, its complaints in words."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Only here the names are known that are possible, and what a missing one should be."""
        keys = ", ".join(cls.model_fields)
        if not isinstance(given, Mapping):
            raise PydanticCustomError("expected", "{words}", {"words": f"a mapping with {keys}"})
        try:
            return handler(given)
        except ValidationError as error:
            raise ValidationError.from_exception_data(cls.__name__, [cls._line(it) for it in error.errors()]) from None

    @classmethod
    def _line(cls, details: ErrorDetails) -> InitErrorDetails:
        kind, message, loc = details["type"], details["msg"], details["loc"]
        if kind == "extra_forbidden" and len(loc) == 1:
            names = cls.model_fields
            kind, message = "unknown", did_you_mean(str(loc[0]), names) or f"; expected {', '.join(names)}"
        elif kind == "missing" and len(loc) == 1:
            words = [
                mark.words for mark in cls.model_fields[str(loc[0])].metadata if isinstance(mark, Expected | Whole)
            ]
            kind, message = "lacking", "".join(f"; expected {of}" for of in words)
        context = {**details.get("ctx", {}), "told": message}
        return InitErrorDetails(type=PydanticCustomError(kind, "{told}", context), loc=loc, input=details["input"])


# Reading


class TypedFile:
    """A file that has been read as YAML, and all problems found in it so far."""

    def __init__(self, root: Node, what: str) -> None:
        assert isinstance(root.value, dict)
        self.root, self.given, self.what = root, root.value, what
        self.problems: list[Problem] = []

    def read[M: Block](self, model: type[M], context: Any = None) -> M | None:
        """The file as its model has it, without what is wrong; None where it is nothing without that."""
        data = plain_value(self.root)
        try:
            return model.model_validate(data, context=context)
        except ValidationError as error:
            details = error.errors()
        for detail in details:
            self._tell(detail)
            _take_out(data, model, detail["loc"])
        with suppress(ValidationError):
            return model.model_validate(data, context=context)
        return None

    def words(self, key: str) -> list[str]:
        """The words under a key, whether they stand there alone or in a list."""
        named = plain_value(self.given[key]) if key in self.given else []
        return [word for word in _as_list(named) if isinstance(word, str)]

    def complain(self, where: Where, message: str) -> None:
        """Keep a problem; the message goes on from the path."""
        node, path = self.find(where)
        self.problems.append(problem(node.place, path, f"{path or self.what} {message}"))

    def relay(self, error: ScenarioError, where: Where) -> None:
        """Problems of a scenario: as they are where they stand in a file, at our place where we made them."""
        for one in error.problems:
            node, path = self.find((*where, one.file.removeprefix("--set ")))
            mine = problem(node.place, path, f"{path}: {one.message}")
            self.problems.append(one if one.line else mine)

    def find(self, where: Where) -> tuple[Node, str]:
        """The node that a way leads to, and its path."""
        node, path = self.root, ""
        for step in where:
            if isinstance(node.value, dict) and step in node.value:
                node, path = node.value[str(step)], within(path, str(step))
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
        return node, path

    def _tell(self, detail: ErrorDetails) -> None:
        """A complaint of pydantic in our words."""
        kind, message, loc, context = detail["type"], detail["msg"], detail["loc"], detail.get("ctx", {})
        node, path = self.find(loc)
        match kind:
            case "relayed":
                self.relay(context["error"], loc)
            case "unknown":
                self.problems.append(problem(node.key, path, f"{path} is not known{message}"))
            case "lacking":
                self.problems.append(problem(node.key, path, f"{path or self.what} lacks {loc[-1]}{message}"))
            case "union_tag_not_found":
                self.complain(loc, f"lacks {context['discriminator'].strip("'")}")
            case "union_tag_invalid" | "literal_error" | "none_of":
                names = re.findall(r"'([^']*)'", context.get("expected_tags") or context["expected"])
                self.choose((*loc, context.get("discriminator", "").strip("'")), names)
            case "too_long":
                self.complain(loc, f"has more than {context['max_length']:,} items; no more are read")
            case "said":
                self.complain(loc, message)
            case _:
                words = {"dict_type": "names with values", "list_type": "a list", "string_type": "text"}
                words |= {"bool_type": "true or false", "expected": message}
                self.complain(loc, f"is {shown_value(node)}; expected {words.get(kind, message)}")

    def choose(self, where: Where, names: Sequence[str]) -> None:
        """Complain of a word that is none of some names."""
        node, _ = self.find(where)
        hint = did_you_mean(str(node.value), names) or f"; expected {', '.join(names)}"
        self.complain(where, f"is {shown_value(node)}{hint}")


def _take_out(data: dict[str, Any], model: type[Block], loc: Where) -> None:
    """Remove what is wrong: a key of the file, or the row of a table."""
    key, *inside = loc or [""]
    is_table = str(key) in model.model_fields and get_origin(model.model_fields[str(key)].annotation) is dict
    if is_table and inside and isinstance(data.get(str(key)), dict):
        data[str(key)].pop(inside[0], None)
    else:
        data.pop(str(key), None)


def plain_value(node: Node) -> Any:
    """The value of a node as Python has it."""
    if isinstance(node.value, dict):
        return {key: plain_value(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [plain_value(inner) for inner in node.value]
    return node.value
