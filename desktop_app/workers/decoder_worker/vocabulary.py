"""The model's tokens: from text to ids and back."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from typing import Any

from desktop_app.workers.decoder_worker.native import llama

_CACHED_CHARACTERS = 4_000_000


class Vocabulary:
    """Read-only once made, so any thread may use it while another decodes."""

    def __init__(self, model: Any) -> None:
        self._vocab = llama.llama_model_get_vocab(model)
        self.size: int = llama.llama_vocab_n_tokens(self._vocab)
        self.bos: int = llama.llama_vocab_bos(self._vocab)
        self.eos: int = llama.llama_vocab_eos(self._vocab)
        self.adds_bos: bool = bool(llama.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0
        self._is_spm = llama.llama_vocab_type(self._vocab) == llama.LLAMA_VOCAB_TYPE_SPM
        self._pieces: dict[int, bytes] = {}
        self._token_cache: OrderedDict[tuple[str, bool, bool], tuple[int, ...]] = OrderedDict()
        self._cached_characters = 0
        self._split_prefix = self._tokenize("\n", True) if self._is_spm else ()

    @property
    def handle(self) -> Any:
        """The native vocabulary."""
        return self._vocab

    def text(self, token: int) -> str:
        """A token as it stands in the vocabulary, such as "<|im_end|>"; empty for no token."""
        if token < 0:
            return ""
        raw: bytes = llama.llama_vocab_get_text(self._vocab, token) or b""
        return raw.decode("utf-8", "replace")

    def control_literals(self, template_source: str) -> frozenset[str]:
        """Texts that must not be read as tokens in anyone's message.

        All control tokens, and those user-defined ones the chat template itself uses: llama.cpp parses these even with
        special tokens off.
        """
        found = set()
        get_attributes, vocab = llama.llama_vocab_get_attr, self._vocab
        for token in range(self.size):
            attributes = get_attributes(vocab, token)
            if attributes & (llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN):
                found.add(self.text(token))
            elif attributes & llama.LLAMA_TOKEN_ATTR_USER_DEFINED:
                text = self.text(token)
                if text in template_source:
                    found.add(text)
        found.discard("")
        return frozenset(found)

    def holds(self, literal: str) -> bool:
        """Whether `literal` is one token of its own: a control token, or one that was added to the vocabulary."""
        tokens = self.tokenize(literal)
        if len(tokens) != 1 or self.text(tokens[0]) != literal:
            return False
        marks = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        return bool(llama.llama_vocab_get_attr(self._vocab, tokens[0]) & marks)

    def is_end(self, token: int) -> bool:
        """True for an end-of-generation token."""
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for none. May end inside a character."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token)
        return piece

    def tokenize(self, text: str, *, special: bool = True, after_split: bool = False) -> tuple[int, ...]:
        """Token ids of `text`, without begin- and end-of-text tokens.

        Args:
            special: read control literals as the tokens they name.
            after_split: `text` goes on from other text, so a SentencePiece vocabulary puts no space in front.
        """
        if not text:
            return ()
        key = (text, special, after_split)
        cached = self._token_cache.get(key)
        if cached is not None:
            return cached
        tokens = (
            self._tokenize_after_split(text, special) if after_split and self._is_spm else self._tokenize(text, special)
        )
        self._remember(key, tokens)
        return tokens

    def _tokenize_after_split(self, text: str, special: bool) -> tuple[int, ...]:
        """Put a line break in front, which takes the space, and cut off what a line break alone gives."""
        length = len(self._split_prefix)
        tokens = self._tokenize("\n" + text, special)
        return tokens[length:] if tokens[:length] == self._split_prefix else self._tokenize(text, special)

    def _tokenize(self, text: str, special: bool) -> tuple[int, ...]:
        data = text.encode()
        room = len(data) + 8
        while True:
            ids = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocab, data, len(data), ids, room, False, special)
            if count >= 0:
                return tuple(ids[:count])
            room = -count

    def _remember(self, key: tuple[str, bool, bool], tokens: tuple[int, ...]) -> None:
        cache = self._token_cache
        cache[key] = tokens
        self._cached_characters += len(key[0])
        while self._cached_characters > _CACHED_CHARACTERS and cache:
            try:
                (text, _, _), _ = cache.popitem(last=False)
            except KeyError:
                return
            self._cached_characters -= len(text)

    def _read_piece(self, token: int) -> bytes:
        if not 0 <= token < self.size:
            return b""
        buffer = ctypes.create_string_buffer(64)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        if length < 0:  # a longer token; the number says how long
            buffer = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, length)]
