"""From texts to what a model's first module reads, and from its tokenizer's pieces back to places in a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

Places = list[tuple[int, int]]
_UNKNOWN = ("[UNK]", "<unk>")


class WordPieces(Protocol):
    """What differs between a transformer and a table of embeddings.

    Attributes:
        may_round: whether bf16 is worth a try.
        unknown: the piece for what is not in the vocabulary; None where there is none.
    """

    may_round: bool
    unknown: int | None

    def ids(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """The pieces of each text, at most `limit`."""
        ...

    def features(self, tokens: Sequence[Sequence[int]], step: int | None) -> dict[str, Any]:
        """One batch as the model takes it, padded to a multiple of `step`."""
        ...

    def leading(self, prompt: str) -> int:
        """How many pieces stand in front of a text with that prompt, a mark at the beginning included."""
        ...

    def of_words(self, words: Sequence[str]) -> list[list[int]]:
        """The pieces of each word, without marks."""
        ...

    def placed(self, text: str, limit: int) -> tuple[list[int], Places] | None:
        """(pieces, where each stands in the text); None where the tokenizer does not say."""
        ...

    def embedded(self, model: SentenceTransformer, features: dict[str, Any]) -> torch.Tensor:
        """The embedding of each piece of a batch of one text, before pooling."""
        ...


def word_pieces_of(model: SentenceTransformer) -> WordPieces:
    """The way into that model."""
    return StaticPieces(model) if type(model[0]).__name__ == "StaticEmbedding" else TransformerPieces(model.tokenizer)


class TransformerPieces:
    """A tokenizer of transformers: batches are padded, with marks at both ends of a text."""

    may_round = True

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.unknown: int | None = getattr(tokenizer, "unk_token_id", None)

    def ids(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """The pieces of each text, at most `limit`."""
        found: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=limit, padding=False)[
            "input_ids"
        ]
        return found

    def features(self, tokens: Sequence[Sequence[int]], step: int | None) -> dict[str, Any]:
        """One batch as the model takes it, padded to a multiple of `step`."""
        encodings = {"input_ids": list(tokens), "attention_mask": [[1] * len(ids) for ids in tokens]}
        return dict(self._tokenizer.pad(encodings, pad_to_multiple_of=step, return_tensors="pt"))

    def leading(self, prompt: str) -> int:
        """How many pieces stand in front of a text with that prompt, a mark at the beginning included."""
        pieces = self._tokenizer([prompt])["input_ids"][0] if prompt else []
        ends = pieces and pieces[-1] in (self._tokenizer.sep_token_id, self._tokenizer.eos_token_id)
        return len(pieces) - 1 if ends else len(pieces)

    def of_words(self, words: Sequence[str]) -> list[list[int]]:
        """The pieces of each word, without marks."""
        found: list[list[int]] = self._tokenizer(list(words), add_special_tokens=False)["input_ids"]
        return found

    def placed(self, text: str, limit: int) -> tuple[list[int], Places] | None:
        """(pieces, where each stands in the text); None where the tokenizer does not say."""
        if not self._tokenizer.is_fast:
            return None
        encoded = self._tokenizer(text, truncation=True, max_length=limit, return_offsets_mapping=True)
        return encoded["input_ids"], encoded["offset_mapping"]

    def embedded(self, model: SentenceTransformer, features: dict[str, Any]) -> torch.Tensor:
        """The embedding of each piece of a batch of one text, before pooling."""
        found: torch.Tensor = model.forward(features)["token_embeddings"][0]
        return found


class StaticPieces:
    """A table with an embedding for each piece; their mean is a text's. No padding, no marks, nothing to round."""

    may_round = False

    def __init__(self, model: SentenceTransformer) -> None:
        table: Any = model[0]
        self._tokenizer: Any = table.tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        found = (self._tokenizer.token_to_id(name) for name in _UNKNOWN)
        self.unknown: int | None = next((piece for piece in found if piece is not None), None)

    def ids(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """The pieces of each text, at most `limit`."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [list(each.ids[:limit]) for each in encoded]

    def features(self, tokens: Sequence[Sequence[int]], step: int | None) -> dict[str, Any]:
        """One batch as the model takes it: all pieces in a row, and where each text begins."""
        starts = np.cumsum([0, *(len(ids) for ids in tokens[:-1])])
        ids = [piece for each in tokens for piece in each]
        return {"input_ids": torch.tensor(ids, dtype=torch.long), "offsets": torch.from_numpy(starts)}

    def leading(self, prompt: str) -> int:
        """How many pieces stand in front of a text with that prompt."""
        return len(self.ids([prompt], len(prompt) + 1)[0]) if prompt else 0

    def of_words(self, words: Sequence[str]) -> list[list[int]]:
        """The pieces of each word."""
        return [list(each.ids) for each in self._tokenizer.encode_batch(list(words), add_special_tokens=False)]

    def placed(self, text: str, limit: int) -> tuple[list[int], Places] | None:
        """(pieces, where each stands in the text)."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return list(encoded.ids[:limit]), list(encoded.offsets[:limit])

    def embedded(self, model: SentenceTransformer, features: dict[str, Any]) -> torch.Tensor:
        """The embedding of each piece of a batch of one text."""
        table: Any = model[0]
        found: torch.Tensor = table.embedding.weight[features["input_ids"]]
        return found
