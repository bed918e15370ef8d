from __future__ import annotations

import gc

from desktop_app.app.collection_pauses import CollectionPauses


def test_full_collections_wait_while_an_answer_is_written() -> None:
    usual = gc.get_threshold()
    pauses = CollectionPauses()
    pauses.set_answering(True)
    try:
        young, middle, full = gc.get_threshold()
        assert (young, middle) == usual[:2], "what is new is looked through as ever"
        assert full > 1_000 * usual[2]
    finally:
        pauses.set_answering(False)
    assert gc.get_threshold() == usual
