"""What identifies an encoder: two folders with the same fingerprint give the same vectors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from desktop_app.domain.encoder_family import EncoderPrompts

_NAMES = frozenset(
    {
        "config.json",
        "modules.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.txt",
        "vocab.json",
        "merges.txt",
    }
)
_NO_PROMPTS = EncoderPrompts()
_SUFFIXES = frozenset({".safetensors", ".model"})


def fingerprint_of(
    folder: Path, max_word_pieces: int, dimensions: int = 0, prompts: EncoderPrompts = _NO_PROMPTS
) -> str:
    """sha256 hex over weights, tokenizer, pooling and module configuration, the length at which texts are cut, and that
    at which vectors are (`dimensions`, 0 where they are whole). Prompts count with the configuration that gives them;
    where they are the family's, as texts.

    Precision is not part of it: bf16 is only taken at a cosine of 0.998 to fp32, which changes no order that
    matters, and a computer that measures again must not embed everything again. The folder's place
    and name do not count either.
    """
    total = hashlib.sha256(f"encoder 1 {max_word_pieces}\n".encode())
    if dimensions:
        total.update(f"dimensions {dimensions}\n".encode())
    if prompts.by_family:
        total.update(f"prompts {json.dumps([prompts.query, prompts.passage])}\n".encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (path.name in _NAMES or path.suffix in _SUFFIXES):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return total.hexdigest()
