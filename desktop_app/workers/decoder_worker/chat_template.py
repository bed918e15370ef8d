"""The model's chat template: from roles and contents to the text the model was trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import jinja2
import jinja2.ext

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import BaseModelError, TemplateError
from desktop_app.domain.reasoning import opens_reasoning
from desktop_app.workers.decoder_worker.render_guard import (
    BoundedEnvironment,
    LimitExceededError,
    check_layout,
    joined,
    limits,
)

MAX_SOURCE_CHARACTERS = 512 * 1024
_OUTPUT_FACTOR = 4
_OUTPUT_EXTRA = 1024 * 1024
_PROBE_SYSTEM = "qv7instructions"
_PROBE_USER = "qv7question"


class _RefusedByTemplateError(Exception):
    """The template called raise_exception."""


class ChatTemplate:
    """A compiled template. Rendering is bounded in time, memory and size, and cannot reach anything outside.

    Raises TemplateError where the source cannot be compiled, or not even a single question be rendered.

    Args:
        built_in: what can take its place, told with every failure; None where nothing can.
    """

    def __init__(self, source: str, bos_text: str, eos_text: str, *, built_in: BuiltInTemplate | None = None) -> None:
        self.source = source
        self._built_in = built_in
        self._bos_text = bos_text
        self._eos_text = eos_text
        environment = BoundedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _now
        if len(source) > MAX_SOURCE_CHARACTERS:
            raise self._unusable("It is too long")
        try:
            with limits():
                self._template = environment.from_string(source)
        except (jinja2.TemplateError, LimitExceededError, RecursionError, MemoryError, ValueError) as error:
            raise self._unusable(str(error)) from error
        self.takes_system, self.opens_reasoning = self._probe()

    def render(self, messages: Sequence[tuple[str, str]], *, add_generation_prompt: bool) -> str:
        """The prompt for (role, content) pairs. Raises TemplateError."""
        dictionaries: list[dict[str, Any]] = [{"role": role, "content": content} for role, content in messages]
        most = _OUTPUT_EXTRA + _OUTPUT_FACTOR * sum(len(content) for _, content in messages)
        try:
            with limits():
                parts = self._template.generate(
                    messages=dictionaries,
                    add_generation_prompt=add_generation_prompt,
                    bos_token=self._bos_text,
                    eos_token=self._eos_text,
                    tools=None,
                    documents=None,
                )
                return joined(parts, most)
        except Exception as error:
            # A template is a program of a stranger: whatever it raises is the template's failure, not ours.
            raise self._unusable(str(error) or type(error).__name__) from error

    def _probe(self) -> tuple[bool, bool]:
        """(whether instructions may stand in a turn of their own; templates refuse or silently drop them,
        whether the prompt ends inside the reasoning; the model then writes no mark at its beginning).
        """
        user = ("user", _PROBE_USER)
        try:
            text = self.render([("system", _PROBE_SYSTEM), user], add_generation_prompt=True)
        except TemplateError as error:
            if isinstance(error.__cause__, LimitExceededError):
                raise
            return False, opens_reasoning(self.render([user], add_generation_prompt=True))
        return _PROBE_SYSTEM in text, opens_reasoning(text)

    def _unusable(self, why: str) -> TemplateError:
        instead = f"Use the built-in template for this model ({self._built_in.family})" if self._built_in else ""
        return TemplateError(
            "The model's chat template does not work.",
            f"{why[:1].upper()}{why[1:300].rstrip('.')}.",
            f"{instead}, or choose another model."
            if instead
            else "Choose another model, or another file of the same model.",
            built_in=self._built_in,
        )


def no_template() -> TemplateError:
    """What a base model answers to a chat."""
    return BaseModelError()


def _refuse(message: object) -> NoReturn:
    raise _RefusedByTemplateError(str(message))


def _now(layout: str) -> str:
    check_layout(layout)
    return datetime.now().strftime(layout)


def _to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False, **_: Any) -> str:
    """As in the templates' own world (transformers): plain JSON, nothing escaped for HTML."""
    return json.dumps(value, indent=min(indent, 16) if indent is not None else None, ensure_ascii=ensure_ascii)
