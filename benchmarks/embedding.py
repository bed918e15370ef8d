"""How fast passages are embedded: the product's worker beside SentenceTransformer.encode (fp32, defaults), in turns.

    python -m benchmarks.embedding [FOLDER]

FOLDER holds Markdown notes; without one, texts of several lengths are made up. Both get the same passages, cut as the
product cuts them. Printed are passages a second of each, best of the rounds, and the median ratio of the rounds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.encoder_setup import starter_encoder
from desktop_app.domain.chunking import Chunker
from desktop_app.domain.search import EncoderSpec
from desktop_app.engines.encoder import EncoderProcess
from desktop_app.engines.launcher import WorkerLauncher

_WORD_LIST = (
    "note time river engine paper window house morning result table value system garden letter water music city number "
    "method change reason theory market summer history problem field report function memory model search answer"
)
_WORDS = _WORD_LIST.split()


def passages_of(folder: Path | None, count: int) -> list[str]:
    """`count` passages as the product embeds them."""
    if folder is None:
        draw = random.Random(7)
        texts = [
            " ".join(f"{draw.choice(_WORDS)}{'.' if draw.random() < 0.1 else ''}" for _ in range(draw.randint(20, 900)))
            for _ in range(count)
        ]
        notes = [("A note", text) for text in texts]
    else:
        paths = sorted(folder.rglob("*.md"))
        random.Random(7).shuffle(paths)
        notes = [(path.stem, path.read_text(encoding="utf-8", errors="replace")) for path in paths]
    chunker = Chunker()
    passages = [chunk.embedded_text for title, text in notes for chunk in chunker.chunks(title, text)]
    return passages[:count]


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.embedding", description="Passages embedded a second.")
    parser.add_argument("folder", nargs="?", metavar="FOLDER", type=Path, help="Markdown notes to embed")
    parser.add_argument("--count", type=int, default=256, help="passages a round (256)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--encoder", metavar="FOLDER", type=Path, help="another encoder than the starter")
    options = parser.parse_args(arguments)
    passages = passages_of(options.folder, options.count)
    if not passages:
        print("no passages to embed", file=sys.stderr)
        return 1
    model_folder = options.encoder or starter_encoder()
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(model_folder), device="cpu", trust_remote_code=False, local_files_only=True)
    with tempfile.TemporaryDirectory(prefix="inkwell-embedding-") as work:
        encoder = EncoderProcess(WorkerLauncher(Path(work) / "runtime"), Path(work) / "encoder.json")
        try:
            precision = encoder.load(EncoderSpec(str(model_folder))).precision
            encoder.embed_passages(passages[:16])
            reference.encode(passages[:16], show_progress_bar=False)
            ours: list[float] = []
            theirs: list[float] = []
            cosine = 1.0
            for _ in range(options.rounds):
                started = time.perf_counter()
                expected = reference.encode(passages, show_progress_bar=False)
                theirs.append(time.perf_counter() - started)
                started = time.perf_counter()
                vectors = encoder.embed_passages(passages)
                ours.append(time.perf_counter() - started)
                rows = np.frombuffer(b"".join(vectors), "<f4").reshape(len(passages), -1)
                expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
                cosine = min(cosine, float((rows * expected).sum(axis=1).min()))
        finally:
            encoder.close()
    ratio = statistics.median(slow / fast for slow, fast in zip(theirs, ours, strict=True))
    print(f"passages {len(passages)} precision {precision} least cosine {cosine:.4f}")
    print(f"worker {len(passages) / min(ours):.1f}/s")
    print(f"reference {len(passages) / min(theirs):.1f}/s")
    print(f"ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
