"""The plain chat templates of a few model families, for files whose own template does not work."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from desktop_app.domain.resources import resource_path

OWN_TEMPLATE = "file"
"""Stands, where a template is chosen by name, for the one in the model's file."""


class BuiltInTemplate(StrEnum):
    """A family's template, written for Inkwell and kept in resources/templates."""

    CHATML = "chatml"
    LLAMA3 = "llama3"
    GEMMA = "gemma"
    PHI3 = "phi3"
    MISTRAL = "mistral"
    ZEPHYR = "zephyr"
    LLAMA2 = "llama2"
    VICUNA = "vicuna"
    ALPACA = "alpaca"

    @property
    def family(self) -> str:
        """The family's name as people know it."""
        return _FAMILIES[self].name

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """What a vocabulary must hold as tokens for this template to be understood; none where its marks are text."""
        return _FAMILIES[self].control_tokens

    def source(self) -> str:
        """The Jinja source. Raises OSError where Inkwell is not installed whole."""
        return resource_path("templates", f"{self.value}.jinja").read_text(encoding="utf-8")


class _Family(msgspec.Struct, frozen=True):
    """How a family is recognised.

    Attributes:
        name: as people know it.
        control_tokens: all of them must be tokens of the vocabulary.
        architectures: beginnings of `general.architecture`; none where the tokens say enough.
        signs: what the family's own templates write; for a family without control tokens one of them, or a name, must
            be there.
        names: parts of the model's name, in lower case.
    """

    name: str
    control_tokens: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


_FAMILIES = {
    BuiltInTemplate.CHATML: _Family("ChatML", ("<|im_start|>", "<|im_end|>"), signs=("<|im_start|>",)),
    BuiltInTemplate.LLAMA3: _Family(
        "Llama 3", ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"), signs=("<|start_header_id|>",)
    ),
    BuiltInTemplate.GEMMA: _Family(
        "Gemma", ("<start_of_turn>", "<end_of_turn>"), architectures=("gemma",), signs=("<start_of_turn>",)
    ),
    BuiltInTemplate.PHI3: _Family(
        "Phi-3", ("<|user|>", "<|assistant|>", "<|end|>"), architectures=("phi",), signs=("<|end|>",)
    ),
    BuiltInTemplate.MISTRAL: _Family("Mistral", ("[INST]", "[/INST]"), signs=("[INST]",)),
    BuiltInTemplate.ZEPHYR: _Family("Zephyr", signs=("<|assistant|>",), names=("zephyr", "tinyllama")),
    BuiltInTemplate.LLAMA2: _Family(
        "Llama 2",
        architectures=("llama",),
        signs=("[INST]", "<<SYS>>"),
        names=("llama-2", "llama2", "llama 2"),
    ),
    BuiltInTemplate.VICUNA: _Family("Vicuna", signs=("USER:", "ASSISTANT:"), names=("vicuna",)),
    BuiltInTemplate.ALPACA: _Family("Alpaca", signs=("### Instruction",), names=("alpaca",)),
}


def recognise(architecture: str, name: str, source: str, holds: Callable[[str], bool]) -> BuiltInTemplate | None:
    """The family whose plain template a model most likely understands; None where nothing tells.

    Args:
        architecture: `general.architecture` of its file.
        name: what the file calls itself.
        source: its own template, which does not work; what it writes still tells its family.
        holds: whether a text is one token of the vocabulary.
    """
    fitting = [each for each, family in _FAMILIES.items() if _fits(family, architecture, name.lower(), source, holds)]
    written = [each for each in fitting if any(sign in source for sign in _FAMILIES[each].signs)]
    return next(iter([*written, *fitting]), None)


def _fits(family: _Family, architecture: str, name: str, source: str, holds: Callable[[str], bool]) -> bool:
    if family.architectures and not architecture.startswith(family.architectures):
        return False
    if family.control_tokens:
        return all(map(holds, family.control_tokens))
    return any(sign in source for sign in family.signs) or any(part in name for part in family.names)
