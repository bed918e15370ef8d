"""The samplers' lists as a person writes them in one line: order, sequence breakers, logit biases."""

from __future__ import annotations

import json
import math
import re

import msgspec

SAMPLERS: dict[str, str] = {
    "penalties": "Penalties",
    "dry": "DRY",
    "top_n_sigma": "Top-n-sigma",
    "top_k": "Top-k",
    "typical_p": "Typical-p",
    "top_p": "Top-p",
    "min_p": "Min-p",
    "xtc": "XTC",
    "temperature": "Temperature",
}
"""The samplers that may be ordered, with their terms, in llama.cpp's own order."""

MAX_BREAKER_BYTES = 40  # llama.cpp cuts longer ones
MAX_ENTRIES = 200
_ALIASES = {"typ_p": "typical_p", "typ": "typical_p", "temp": "temperature", "nucleus": "top_p"}
_BIAS = re.compile(
    r"""\s*(?:\#(?P<token>[0-9]{1,9})|"(?P<quoted>(?:[^"\\\n]|\\.)*)"|(?P<bare>[^,="#\n]*?))"""
    r"""\s*=\s*(?P<bias>never|[-+]?[0-9]+(?:\.[0-9]*)?)\s*(?P<end>,|\n|\Z)""",
    re.VERBOSE,
)
BIAS_FORM = 'text=number, separated by commas: " the"=-2, sea=3, #198=never (a token’s number)'
MAX_BIAS = 100.0


class LogitBias(msgspec.Struct, frozen=True):
    """What is added to the logits of a text's tokens, or of one token by its number; -inf bans it."""

    text: str
    token: int | None
    bias: float


def read_order(text: str) -> tuple[str, ...]:
    """The samplers in the order written; those left out are off. Raises ValueError with the reason."""
    names = tuple(name.strip().lower() for name in text.split(","))
    unknown = [name for name in names if name not in SAMPLERS]
    if unknown:
        raise ValueError(f"there is no sampler “{unknown[0][:40]}”")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands there twice")
    return names


def order_from_llama_cpp(sequence: str) -> str:
    """The order a GGUF file names ("top_k;temp"), as `read_order` reads it; empty where nothing in it is known."""
    names: list[str] = []
    for raw in sequence.lower().split(";"):
        name = raw.strip().replace("-", "_")
        name = _ALIASES.get(name, name)
        if name in SAMPLERS and name not in names:
            names.append(name)
    return ", ".join(names)


def read_breakers(text: str) -> tuple[str, ...]:
    """Texts in double quotes with commas between them. Raises ValueError with the reason."""
    try:
        found = json.loads(f"[{text}]", strict=False)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise ValueError("each is a text in double quotes, with commas between them")
    if len(found) > MAX_ENTRIES or any(len(each.encode("utf-8", "replace")) > MAX_BREAKER_BYTES for each in found):
        raise ValueError(f"there may be {MAX_ENTRIES}, each of at most {MAX_BREAKER_BYTES} bytes")
    return tuple(found)


def read_biases(text: str) -> tuple[LogitBias, ...]:
    """Entries as in BIAS_FORM. Raises ValueError naming the entry that is none."""
    found: list[LogitBias] = []
    at = 0
    while text[at:].strip(" \t\n,"):
        match = _BIAS.match(text, at)
        entry = match and _entry(match)
        if not match or entry is None:
            wrong = re.split(r"[,\n]", text[at:].strip(" \t\n,"))[0]
            raise ValueError(f"“{wrong[:40]}” is not one")
        found.append(entry)
        at = match.end()
    if len(found) > MAX_ENTRIES:
        raise ValueError(f"there may be {MAX_ENTRIES}")
    return tuple(found)


def _entry(match: re.Match[str]) -> LogitBias | None:
    bias = -math.inf if match["bias"] == "never" else float(match["bias"])
    if math.isfinite(bias) and abs(bias) > MAX_BIAS:
        return None
    if match["token"] is not None:
        return LogitBias("", int(match["token"]), bias)
    text = match["bare"]
    if match["quoted"] is not None:
        try:
            text = str(json.loads(f'"{match["quoted"]}"', strict=False))
        except ValueError:
            return None
    return LogitBias(text, None, bias) if text else None
