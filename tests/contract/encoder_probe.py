"""Embeds with encoders of several families, in a process of its own: torch takes seconds to import.

Reads a JSON list of orders on standard input: {"folder", "dimensions", "texts", "query": bool, "prefixed",
"threads"}; answers with a JSON list of {"vectors", "fingerprint", "plain", "threads"}, where `plain` is what
sentence-transformers itself makes of the texts with the prompt `prefixed`, and `threads` how many computed the vectors
and how many would compute the next ones. "words", a question and a sentence, adds {"known", "likeness"}. "rounded"
makes it use bf16, with its layers packed or not, and adds {"rounded", "packed", "lengths"}: what the same model makes
in bf16 by torch's own layers, how many layers are packed and how many are not, and how long the batches were.
"traced" makes it record its layers for questions, of which each is embedded alone then: rightly, "wrong", or where
torch has "refused" it; or rightly where layers with weights at half their size are "coarse" or "not halved"; adds
{"recorded", "half", "own layers"}: whether it did, whether with weights at half their size, and the kinds of layers
that the model itself has then.
"lanes" has passages computed in so many, which begin by adding to "begun". "choose" has their number chosen where both
ways of computing take so many seconds, all threads together and each for itself; adds {"chosen"}. "multiplies_bf16"
says whether the processor does, in the eyes of torch, and "halves" whether it reads such weights.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from tests.fakes.probes import Order, answer_orders


def prepare() -> Callable[[Order], Order]:
    """Import torch; how an order is answered."""
    import torch
    from sentence_transformers import SentenceTransformer

    import desktop_app.workers.encoder_worker.model as model_module
    from desktop_app.workers.encoder_worker.calibration import CalibrationFile
    from desktop_app.workers.encoder_worker.half_weights import HalfWeightLinear
    from desktop_app.workers.encoder_worker.model import EncoderModel
    from desktop_app.workers.encoder_worker.packed_layers import PackedLinear
    from desktop_app.workers.encoder_worker.traced_transformer import TracedTransformer

    def refused(*_: object) -> None:
        raise RuntimeError("this processor cannot do it")

    def rounded(model: EncoderModel, order: Order) -> Order:
        plain = copy.deepcopy(model._model).to(torch.bfloat16)
        with patch.object(PackedLinear, "forward", PackedLinear.forward if order["rounded"] == "packed" else refused):
            model.settle_precision("bf16", CalibrationFile(None))
        kinds = [type(layer) for layer in model._model.modules()]
        return {
            "rounded": model._forward(
                plain if model._pieces.may_round else model._model, model._tokens(order["texts"])
            ).tolist(),
            "packed": [kinds.count(PackedLinear), kinds.count(torch.nn.Linear)],
        }

    record = torch.jit.trace

    def recorded_otherwise(*given: object, **named: object) -> object:
        recorded = record(*given, **named)
        return lambda ids, mask: recorded(ids, mask) + (torch.arange(recorded(ids, mask).shape[-1]) % 3)

    halved = HalfWeightLinear.forward

    def coarse(layer: HalfWeightLinear, inputs: torch.Tensor) -> torch.Tensor:
        return halved(layer, inputs).mul(20).round().div(20)

    def traced(model: EncoderModel, order: Order) -> Order:
        how = order["traced"]
        record_instead = {"wrong": recorded_otherwise, "refused": refused}.get(how, record)
        halve_instead = {"coarse": coarse, "not halved": refused}.get(how, halved)
        with patch.object(torch.jit, "trace", record_instead), patch.object(HalfWeightLinear, "forward", halve_instead):
            model.settle_precision("fp32", CalibrationFile(None))
        recorded = isinstance(model._for_questions, TracedTransformer)
        return {
            "recorded": recorded,
            "half": recorded and "linear_dynamic_fp16" in str(model._for_questions._run.inlined_graph),
            "own layers": sorted(
                {type(part).__name__ for part in model._model.modules() if "Linear" in type(part).__name__}
            ),
        }

    def chosen(model: EncoderModel, order: Order) -> int:
        now = [0.0]

        def timed(lanes: int, *_: object) -> bool:
            now[0] += order["choose"][lanes > 1]
            return True

        with patch.object(model_module, "in_lanes", timed), patch.object(time, "perf_counter", lambda: now[0]):
            return model._quicker_lanes()

    def embedded(model: EncoderModel, order: Order) -> list[list[float]]:
        parts = [[text] for text in order["texts"]] if "traced" in order else [order["texts"]]
        model._lanes = order.get("lanes", 1)
        query = order.get("query", False)
        begin = partial(order.setdefault("begun", []).append, "")
        found = [model.embed(part, is_query=query, at_start=begin) for part in parts]
        return [vector for vectors in found if vectors is not None for vector in vectors.tolist()]

    def answer(order: Order) -> Order:
        folder = Path(order["folder"])
        model = EncoderModel(folder, 256, order.get("threads", 1), order.get("dimensions", 0))
        layers = rounded(model, order) if "rounded" in order else {}
        layers |= traced(model, order) if "traced" in order else {}
        layers |= {"chosen": chosen(model, order)} if "choose" in order else {}
        seen: list[int] = []
        lengths: list[int] = []
        model._model[0].register_forward_pre_hook(lambda *_: seen.append(torch.get_num_threads()))
        model._model[0].register_forward_pre_hook(lambda _, given: lengths.append(given[0]["input_ids"].shape[-1]))
        vectors = embedded(model, order)
        reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        if "words" in order:
            question, sentence = order["words"]
            likeness = model.compare_words(question, sentence)
            layers["known"] = sorted(model.known_words(question).whole)
            layers["likeness"] = [
                {"start": word.start, "end": word.end, "likeness": word.likeness, "nearest": word.nearest}
                for word in likeness
            ]
        return {
            **layers,
            "halves": "fbgemm" in torch.backends.quantized.supported_engines,
            "multiplies_bf16": torch.ops.mkldnn._is_mkldnn_bf16_supported(),
            "begun": len(order["begun"]),
            "precision": model.precision,
            "type": str(next(model._model.parameters()).dtype),
            "lengths": lengths,
            "vectors": vectors,
            "fingerprint": model.fingerprint,
            "threads": [*sorted(set(seen)), torch.get_num_threads()],
            "plain": reference.encode(
                order["texts"], prompt=order.get("prefixed", ""), show_progress_bar=False
            ).tolist(),
        }

    return answer


if __name__ == "__main__":
    answer_orders(prepare)
