"""Entry of `--worker encoder`."""

from __future__ import annotations

import os


def main() -> int:
    """Serve until the host hangs up. Nothing may reach for the network, whatever the environment says, nor leave
    anything behind outside the program's own folders.
    """
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_DATASETS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
        TRANSFORMERS_VERBOSITY="error",
        TOKENIZERS_PARALLELISM="false",
        USE_TF="0",
        USE_FLAX="0",
        # torch makes this folder when it is imported, even if it never compiles; by default in the temporary folder.
        TORCHINDUCTOR_CACHE_DIR=os.path.abspath("torch"),
    )
    from desktop_app.workers.encoder_worker.service import EncoderService

    EncoderService().run()
    return 0
