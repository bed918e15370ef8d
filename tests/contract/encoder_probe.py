"""Embeds with encoders of several families, in a process of its own: torch takes seconds to import.

Reads a JSON list of orders on standard input: {"folder", "dimensions", "texts", "query": bool, "prefixed",
"threads"}; answers with a JSON list of {"vectors", "fingerprint", "plain", "threads"}, where `plain` is what
sentence-transformers itself makes of the texts with the prompt `prefixed`, and `threads` how many computed the vectors
and how many would compute the next ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.fakes.probes import Order, answer_orders


def prepare() -> Callable[[Order], Order]:
    """Import torch; how an order is answered."""
    import torch
    from sentence_transformers import SentenceTransformer

    from desktop_app.workers.encoder_worker.model import EncoderModel

    def answer(order: Order) -> Order:
        folder = Path(order["folder"])
        model = EncoderModel(folder, 256, order.get("threads", 1), order.get("dimensions", 0))
        seen: list[int] = []
        model._model[0].register_forward_pre_hook(lambda *_: seen.append(torch.get_num_threads()))
        vectors = model.embed(order["texts"], is_query=order.get("query", False))
        assert vectors is not None
        reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        return {
            "vectors": vectors.tolist(),
            "fingerprint": model.fingerprint,
            "threads": [*sorted(set(seen)), torch.get_num_threads()],
            "plain": reference.encode(
                order["texts"], prompt=order.get("prefixed", ""), show_progress_bar=False
            ).tolist(),
        }

    return answer


if __name__ == "__main__":
    answer_orders(prepare)
