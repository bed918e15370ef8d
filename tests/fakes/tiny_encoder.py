"""A sentence-transformers folder with a random BERT of one layer, written byte by byte: quick to load, senseless."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

WIDTH = 32
_WORDS = "query passage represent this sentence for searching relevant passages ink paper river bread oven goal : . ,"
_VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS.split(), *"abcdefghijklmnopqrstuvwxyz"]
_VOCABULARY += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


def write_tiny_encoder(
    folder: Path,
    *,
    prompts: Mapping[str, str] | None = None,
    dimensions: Sequence[int] = (),
    pooling: str = "mean",
    pools_prompt: bool = True,
    seed: int = 1,
    inside: str = "",
    in_parts: bool = False,
    halved: bool = False,
) -> Path:
    """The folder, complete. `prompts` and `dimensions` are what it declares; `pooling` is "mean" or "cls";
    without `pools_prompt` the prompt is read and left out of the mean. The transformer lies in the folder `inside`,
    its weights `in_parts` of several files, or `halved` to 16 bits.
    """
    (folder / "1_Pooling").mkdir(parents=True)
    model = folder / inside
    model.mkdir(exist_ok=True)
    shapes = _shapes()
    draw = np.random.default_rng(seed)
    tensors = {name: draw.normal(0.0, 1.0 if "embeddings" in name else 0.3, shape) for name, shape in shapes.items()}
    tensors |= {name: np.full(shapes[name], float(name.endswith("weight"))) for name in shapes if "LayerNorm" in name}
    tensors = {name: tensor.astype("<f2" if halved else "<f4") for name, tensor in tensors.items()}
    if in_parts:
        _write_parts(model, tensors)
    else:
        _write_safetensors(model / "model.safetensors", tensors)
    (model / "vocab.txt").write_text("\n".join(_VOCABULARY) + "\n", encoding="utf-8")
    _write(model / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    _write(model / "sentence_bert_config.json", {"max_seq_length": 64, "do_lower_case": False})
    config = {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "vocab_size": len(_VOCABULARY),
        "hidden_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "type_vocab_size": 2,
    }
    _write(model / "config.json", config | ({"matryoshka_dimensions": list(dimensions)} if dimensions else {}))
    _write(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": WIDTH,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
            "include_prompt": pools_prompt,
        },
    )
    modules = [(inside, "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    (folder / "2_Normalize").mkdir()
    _write(
        folder / "modules.json",
        [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(modules)
        ],
    )
    if prompts is not None:
        _write(folder / "config_sentence_transformers.json", {"prompts": dict(prompts), "default_prompt_name": None})
    return folder


def write_tiny_table(folder: Path, *, prompts: Mapping[str, str] | None = None) -> Path:
    """A folder whose model is a table of random embeddings, of which a text's is the mean (StaticEmbedding)."""
    folder.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", *_WORDS.split()]
    table = np.random.default_rng(1).normal(0.0, 1.0, (len(vocabulary), WIDTH)).astype("<f4")
    _write_safetensors(folder / "model.safetensors", {"embedding.weight": table})
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate(dict.fromkeys(vocabulary))},
            "unk_token": "[UNK]",
        },
    }
    _write(folder / "tokenizer.json", tokenizer)
    kind = "sentence_transformers.models.StaticEmbedding"
    _write(folder / "modules.json", [{"idx": 0, "name": "0", "path": "", "type": kind}])
    if prompts is not None:
        _write(folder / "config_sentence_transformers.json", {"prompts": dict(prompts), "default_prompt_name": None})
    return folder


def _write_parts(folder: Path, tensors: Mapping[str, np.ndarray]) -> None:
    names = sorted(tensors)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for name, part in parts.items():
        _write_safetensors(folder / name, {each: tensors[each] for each in part})
    places = {each: name for name, part in parts.items() for each in part}
    _write(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": places})


def _shapes() -> dict[str, tuple[int, ...]]:
    layer = "encoder.layer.0."
    square, inner = (WIDTH, WIDTH), 64
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(_VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": (64, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
        shapes |= {f"{layer}{name}.weight": square, f"{layer}{name}.bias": (WIDTH,)}
    shapes |= {f"{layer}intermediate.dense.weight": (inner, WIDTH), f"{layer}intermediate.dense.bias": (inner,)}
    shapes |= {f"{layer}output.dense.weight": (WIDTH, inner), f"{layer}output.dense.bias": (WIDTH,)}
    for name in ("embeddings.LayerNorm", f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"):
        shapes |= {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}
    return shapes | {"pooler.dense.weight": square, "pooler.dense.bias": (WIDTH,)}


def _write_safetensors(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, tensor in tensors.items():
        header[name] = {
            "dtype": f"F{8 * tensor.itemsize}",
            "shape": tensor.shape,
            "data_offsets": [place, place + tensor.nbytes],
        }
        place += tensor.nbytes
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + b"".join(tensor.tobytes() for tensor in tensors.values()))


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
