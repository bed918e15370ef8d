"""Search: words at once, meaning after, reasons shown, nonsense refused."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import CancelledError, ModelMissingError
from desktop_app.domain.notes import ImportSource
from desktop_app.domain.search import (
    LoadedEncoder,
    QueryEmbedding,
    SearchMode,
    SearchOrder,
    SearchResult,
    SimilarityMeasure,
    Span,
)
from desktop_app.domain.search_question import Scope
from desktop_app.services import vector_matrix
from desktop_app.services.chat_search import ChatSearch
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search

KNOWN = ("my automobile needs new tyres", "the dough rises overnight", "feline purrs car cat")


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder(known=" ".join(KNOWN).split())


@pytest.fixture
def service(real_store: Store, encoder: FakeEncoder) -> SearchService:
    real_store.notes.create("Car", "# Car\nThe car needs new tyres. Oil was changed in May.", folder="Home")
    real_store.notes.create(
        "Bread", "Sourdough rises overnight.\n\nRunning late ruins it.", source_path="food/bread.md"
    )
    real_store.notes.create("Cat", "The cat purrs and sleeps.")
    fake_indexing(real_store, encoder).run()
    return fake_search(real_store, encoder)


def test_other_words_find_by_meaning(service: SearchService) -> None:
    result = service.search_once("automobile tyres")
    hit = result.hits[0]
    assert (hit.title, hit.path, hit.heading_path) == ("Car", "Home/Car", ("Car",))
    assert (hit.words_rank, hit.meaning_rank) == (1, 1)
    assert hit.matched_words == ("tyres",)
    assert [hit.passage[s.start : s.end] for s in hit.word_spans] == ["tyres"]
    assert 0.0 < hit.score <= 1.0
    assert hit.similarity is not None
    assert result.final
    assert result.meaning_ready
    assert service.search_once("feline", SearchMode.MEANING).hits[0].words_rank is None


def test_of_notes_with_the_same_nearest_passage_the_one_that_begins_with_it_leads(
    service: SearchService, real_store: Store, encoder: FakeEncoder
) -> None:
    answer = "# Same\n\n" + "a kitten sleeps and a kitten plays. " * 40
    aside = real_store.notes.create("", f"# Trees\n\n{'oaks grow slowly beside birches. ' * 40}\n\n{answer}")
    ahead = real_store.notes.create("", f"# Pets\n\n{'kittens and puppies eat fish. ' * 40}\n\n{answer}")
    fake_indexing(real_store, encoder).run()
    hits = [
        hit for hit in service.search_once("feline", SearchMode.MEANING).hits if hit.note_id in (ahead.id, aside.id)
    ]
    assert [(hit.note_id, hit.heading_path) for hit in hits] == [(ahead.id, ("Same",)), (aside.id, ("Same",))]
    assert hits[0].similarity == hits[1].similarity
    assert hits[0].meaning_rank < hits[1].meaning_rank


def test_words_that_stand_together_weigh_more_than_those_that_are_strewn(
    service: SearchService, real_store: Store, encoder: FakeEncoder
) -> None:
    filler = "Plain lines about harbours and ships fill it. " * 60
    words = ("automobile", "copper", "meadow")
    with_words = real_store.notes.create("", f"{filler}\n\nAn {words[0]}, {words[1]} and a {words[2]}.\n\n{filler}")
    near = real_store.notes.create("", "car vehicle car vehicle")

    def weight_of_meaning() -> float:
        """The score of a note that is the nearest and has no word."""
        fake_indexing(real_store, encoder).run()
        return {hit.note_id: hit.score for hit in service.search_once(" ".join(words)).hits}[near.id]

    together = weight_of_meaning()
    strewn = f"\n\n{filler}\n\n".join(f"A {word}." for word in words)
    real_store.notes.save(with_words.id, title="", text=strewn)
    assert together < 0.9 * weight_of_meaning()


def test_an_alias_in_the_front_matter_finds_its_note(service: SearchService, real_store: Store) -> None:
    source = ImportSource("", "", "", front_matter="title: Bob\naliases: [Zebulon]\n")
    note = real_store.notes.create("Bob", "A person of whom little is known.", source=source)
    for mode in (SearchMode.BOTH, SearchMode.WORDS):
        assert [hit.note_id for hit in service.search_once("zebulon", mode).hits] == [note.id], mode


def test_a_word_that_stands_nowhere_is_found_inside_others(service: SearchService, real_store: Store) -> None:
    note = real_store.notes.create("Oma", "Der Apfelkuchen braucht sechs Äpfel.\n\nDie Straßenbahn kommt.")
    (hit,) = service.search_once("Kuchen", SearchMode.WORDS).hits
    assert (hit.note_id, hit.matched_words, hit.words_rank) == (note.id, ("Apfelkuchen",), 1)
    assert [hit.passage[s.start : s.end] for s in hit.word_spans] == ["Apfelkuchen"]
    assert [found.note_id for found in service.search_once("strassen", SearchMode.WORDS).hits] == [note.id]
    real_store.notes.create("Kuchen", "Ein Kuchen allein.")
    assert [found.title for found in service.search_once("Kuchen", SearchMode.WORDS).hits] == ["Kuchen"]


def test_scripts_without_blanks_are_found_by_any_part(service: SearchService, real_store: Store) -> None:
    tofu = real_store.notes.create("麻婆豆腐", "嫩豆腐切成小块,用盐水焯一下。", tags=["食谱"])
    trip = real_store.notes.create("旅行", "京都へ行く。新幹線の切符は一ヶ月前から予約できる。ホテルは駅の近く。")
    for words, note, matched in (
        ("豆腐", tofu, "豆腐"),
        ("盐水", tofu, "盐水"),
        ("新幹線の切符", trip, "新幹線"),
        ("ホテル", trip, "ホテル"),
        ("豆腐 tag:食谱", tofu, "豆腐"),
        ('"切符は"', trip, "切符は"),
        ("怎么做麻婆豆腐", tofu, "豆腐"),
    ):
        (hit,) = service.search_once(words, SearchMode.WORDS).hits
        assert hit.note_id == note.id, words
        assert matched in hit.matched_words, words
    assert service.search_once("豆腐 tag:other", SearchMode.WORDS).hits == ()
    assert service.search_once('"豆腐は"', SearchMode.WORDS).hits == ()
    assert service.search_once("大阪", SearchMode.WORDS).hits == ()
    assert service.search_once("切块 -豆腐", SearchMode.WORDS).hits == ()


def test_what_has_not_the_quoted_words_is_no_hit_however_near(service: SearchService) -> None:
    result = service.search_once('"automobile tyres"')
    assert result.hits == ()
    assert [hit.title for hit in result.weaker] == ["Car"]
    assert [hit.title for hit in service.search_once('automobile "new tyres"').hits] == ["Car"]


@pytest.mark.parametrize(("letters_per_piece", "found"), [(5.0, ["Car"]), (2.5, ["Car"]), (1.0, [])])
def test_a_note_with_a_word_is_believed_where_the_encoder_spells_rare_ones(
    service: SearchService, encoder: FakeEncoder, letters_per_piece: float, found: list[str]
) -> None:
    encoder.letters_per_piece = letters_per_piece
    assert [hit.title for hit in service.search_once("vehicle purrs tyres late").hits] == found
    by_meaning_alone = service.search_once("feline automobile").hits
    assert [hit.title for hit in by_meaning_alone] == (["Cat", "Car"] if letters_per_piece == 5.0 else [])


def test_a_pair_of_letters_without_blanks_is_no_word_that_makes_a_note_believed(
    service: SearchService, encoder: FakeEncoder, real_store: Store
) -> None:
    for word in ("豆腐", "醤油", "砂糖"):
        real_store.notes.create(word, word)
    fake_indexing(real_store, encoder).run()
    encoder.letters_per_piece = 2.1
    result = service.search_once("豆腐 醤油 砂糖")
    assert result.hits == ()
    assert len(result.weaker) == 3


def test_a_single_doubtless_mistake_is_named_beside_hits(service: SearchService) -> None:
    result = service.search_once("car needs new tyres overnihgt purs")
    assert result.hits
    assert [each.word for each in result.corrections] == ["overnihgt"]


def test_of_words_with_like_stems_the_one_spelled_most_like_is_meant(service: SearchService, real_store: Store) -> None:
    for text in ("My self, it self.", "A self.", "Seedlings go outside in May. The Straße is wet."):
        real_store.notes.create("", text)
    assert [each.meant for each in service.search_once("sedlings").corrections] == ["Seedlings"]
    assert [each.meant for each in service.search_once("strase").corrections] == ["Straße"]


def test_pictures_are_found_where_they_stand(service: SearchService, real_store: Store) -> None:
    pancakes = real_store.notes.create("Pancakes 🥞", "Two eggs. I love them ❤️.")
    for typed in ("🥞", "❤️", "eggs 🥞", '"❤"'):
        (hit,) = service.search_once(typed, SearchMode.WORDS).hits
        assert hit.note_id == pancakes.id, typed
    assert "❤" in service.search_once("❤️", SearchMode.WORDS).hits[0].matched_words
    assert service.search_once("🐙", SearchMode.WORDS).hits == ()


def test_what_was_meant_by_a_word_that_stands_nowhere(service: SearchService) -> None:
    result = service.search_once("new tyers overnihgt zzzz")
    assert [(each.word, each.meant) for each in result.corrections] == [("tyers", "tyres"), ("overnihgt", "overnight")]
    assert service.search_once("new tyres").corrections == ()
    *_, typed = service.search("new tyr")
    assert typed.corrections == ()
    *_, typed = service.search("tyers ovre")
    assert [each.meant for each in typed.corrections] == ["tyres"]
    *_, typed = service.search("tyers new")
    assert [each.meant for each in typed.corrections] == ["tyres"]
    *_, typed = service.search("tyers")
    assert [each.meant for each in typed.corrections] == ["tyres"]


def test_modes_keep_to_their_leg(service: SearchService, encoder: FakeEncoder) -> None:
    asked = len(encoder.questions)
    words = service.search_once("automobile", SearchMode.WORDS)
    assert words.hits == ()
    assert len(encoder.questions) == asked
    ran = service.search_once("run", SearchMode.WORDS).hits
    assert [(h.path, h.matched_words, h.meaning_rank) for h in ran] == [("food/bread.md", ("Running",), None)]


def test_offsets_lie_in_the_note(service: SearchService, real_store: Store) -> None:
    for query in ("tyres", "sourdough overnight", "cat purrs"):
        for hit in service.search_once(query).hits:
            assert real_store.notes.get(hit.note_id).text[hit.start : hit.end] == hit.passage


def test_words_come_first_while_the_encoder_loads(service: SearchService, encoder: FakeEncoder) -> None:
    encoder.gate.clear()
    service._words_first_seconds = 0.01
    answers = service.search("tyres")
    first = next(answers)
    assert not first.final
    assert not first.meaning_ready
    assert first.meaning_problem == ""
    assert [hit.title for hit in first.hits] == ["Car"]
    encoder.gate.set()
    last = next(answers)
    assert last.final
    assert last.hits[0].meaning_rank == 1
    assert list(answers) == []


def test_the_time_of_a_search_is_without_the_loading(
    service: SearchService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [50.0]
    monkeypatch.setattr("desktop_app.services.search.time", SimpleNamespace(monotonic=lambda: now[0]))
    encoder.gate.clear()
    service._words_first_seconds = 0.01
    answers = service.search("tyres")
    next(answers)
    now[0] += 40.0
    encoder.gate.set()
    last = next(answers)
    assert (last.seconds, last.loading_seconds) == (0.0, 40.0)
    again = service.search_once("tyres")
    assert (again.seconds, again.loading_seconds) == (0.0, 0.0)


def test_a_missing_encoder_is_said_and_words_still_find(service: SearchService, encoder: FakeEncoder) -> None:
    encoder.failure = ModelMissingError("The search model is not there.", todo="Choose one.")
    result = service.search_once("tyres")
    assert result.final
    assert not result.meaning_ready
    assert result.meaning_problem == "The search model is not there. Choose one."
    assert [hit.title for hit in result.hits] == ["Car"]


def test_a_cancelled_search_ends_at_once(service: SearchService, encoder: FakeEncoder) -> None:
    encoder.gate.clear()
    service._words_first_seconds = 0.0
    cancel = CancelToken()
    answers = service.search("tyres", cancel=cancel)
    next(answers)
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(CancelledError):
        next(answers)
    encoder.gate.set()


def test_the_next_letter_does_not_begin_the_load_anew(real_store: Store, encoder: FakeEncoder) -> None:
    loads: list[CancelToken | None] = []

    def ensure(cancel: CancelToken | None = None) -> LoadedEncoder:
        loads.append(cancel)
        return encoder.ensure(cancel)

    real_store.notes.create("Car", "tyres")
    service = fake_search(real_store, encoder, ensure_encoder=ensure, words_first_seconds=0.0)
    encoder.gate.clear()
    for text in ("t", "ty", "tyr"):
        cancel = CancelToken()
        answers = service.search(text, cancel=cancel)
        next(answers)
        cancel.cancel()
        with pytest.raises(CancelledError):
            next(answers)
    last = service.search("tyres")
    next(last)
    encoder.gate.set()
    assert next(last).meaning_ready
    assert loads == [None]


@pytest.mark.parametrize("query", ["qzx wkfjv", "zzzz", "!!!", "", "   ", "\x00"])
def test_nonsense_finds_nothing(service: SearchService, query: str) -> None:
    for mode in SearchMode:
        result = service.search_once(query, mode)
        assert (result.hits, result.weaker) == ((), ())


def test_meaning_is_believed_the_less_the_fewer_words_anybody_knows(real_store: Store) -> None:
    real_store.notes.create("Van", "vehicle")
    found = {}
    for known in (("automobile", "qzx"), ()):
        encoder = FakeEncoder(known=known)
        fake_indexing(real_store, encoder).run()
        service = fake_search(real_store, encoder)
        found[known] = service.search_once("automobile qzx", SearchMode.MEANING)
    (hit,) = found[("automobile", "qzx")].hits
    assert hit.similarity is not None
    assert 0.35 < hit.similarity < 0.59, "between the ordinary and the strict floor"
    assert (found[()].hits, found[()].weaker) == ((), ())


def test_a_vector_of_another_encoder_never_meets_the_vectors_of_the_first(
    service: SearchService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings change while the question is embedded: nothing is indexed with what answers by then."""
    embed = encoder.embed_query

    def changed_meanwhile(text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        encoder.fingerprint = "other"
        encoder.ensure()
        return embed(text, cancel)

    assert service.search_once("automobile", SearchMode.MEANING).hits
    monkeypatch.setattr(encoder, "embed_query", changed_meanwhile)
    result = service.search_once("automobile tyres", SearchMode.MEANING)
    assert (result.hits, result.meaning_ready, result.meaning_problem) == ((), True, "")


def test_a_common_word_of_a_long_question_makes_a_weaker_match_only(service: SearchService) -> None:
    result = service.search_once("medieval castles needs loire valley")
    assert result.hits == ()
    assert [hit.title for hit in result.weaker] == ["Car"]


def test_typing_finds_by_the_beginning_of_a_word(service: SearchService) -> None:
    *_, result = service.search("sourd")
    assert [hit.title for hit in result.hits] == ["Bread"]
    assert service.search_once("sour").hits == ()


def test_a_quoted_phrase_wins_over_meaning(service: SearchService, real_store: Store, encoder: FakeEncoder) -> None:
    real_store.notes.create("Log", "a long protocol in which the words tyres new stand in this order once")
    result = service.search_once('"tyres new"')
    assert result.hits[0].title == "Log"


def test_a_note_edited_since_it_was_cut_shows_its_present_text(service: SearchService, real_store: Store) -> None:
    note = next(n for n in map(real_store.notes.get, real_store.notes.all_ids()) if n.title == "Car")
    real_store.notes.save(note.id, title="Car", text="A new beginning.\n\n" + note.text)
    hit = service.search_once("tyres oil").hits[0]
    assert hit.passage == "The car needs new tyres. Oil was changed in May."
    assert hit.start == note.text.index("The car") + 18


def test_a_trashed_note_is_gone_at_once(service: SearchService, real_store: Store) -> None:
    found = service.search_once("tyres").hits[0].note_id
    real_store.notes.trash([found])
    assert all(hit.note_id != found for hit in service.search_once("tyres").hits)
    real_store.notes.restore([found])
    assert service.search_once("tyres").hits[0].note_id == found


def test_a_trashed_note_is_gone_even_from_a_matrix_that_is_behind(
    service: SearchService, real_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", -1.0)
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 1e9)
    found = service.search_once("automobile", SearchMode.MEANING).hits[0].note_id
    real_store.notes.trash([found])
    assert all(hit.note_id != found for hit in service.search_once("automobile", SearchMode.MEANING).hits)


def test_notes_still_to_index_are_counted(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("New", "not indexed yet")
    assert service.search_once("indexed").notes_unindexed == 1
    assert service.search_once("indexed").hits[0].title == "New"


def test_the_nearest_sentence_is_marked(service: SearchService, encoder: FakeEncoder) -> None:
    result = service.explain_nearest(service.search_once("automobile tyres"))
    hit = result.hits[0]
    assert hit.nearest_span is not None
    assert hit.passage[hit.nearest_span.start : hit.nearest_span.end] == "The car needs new tyres."
    asked = len(encoder.sentences)
    assert service.explain_nearest(result) == result
    assert len(encoder.sentences) == asked
    # Sentences are cut as a reader sees them, not as passages are cut.
    sentence = "The car came on the 3. Dezember, with z. B. new tyres of Nr. 5."
    dated = replace(hit, passage=f"He slept. {sentence} Then he ate.", nearest_span=None)
    (again,) = service.explain_nearest(replace(result, hits=(dated,))).hits
    assert again.nearest_span == Span(10, 10 + len(sentence))


def test_the_likeness_of_words_has_its_places_in_the_passage(service: SearchService) -> None:
    result = service.explain_nearest(service.search_once("oil changes folder:home"))
    hit = result.hits[0]
    found = service.word_likeness(result.words, hit)
    alike = [hit.passage[word.start : word.end] for word in found if word.likeness == 1.0]
    assert alike == ["Oil", "changed"]
    assert hit.nearest_span is not None
    assert all(hit.nearest_span.start <= word.start < word.end <= hit.nearest_span.end for word in found)


def titles(result: SearchResult) -> list[str]:
    return [hit.title for hit in result.hits]


def test_filters_narrow_both_legs(service: SearchService) -> None:
    for mode in SearchMode:
        assert titles(service.search_once("tyres folder:home", mode)) == ["Car"], mode
        assert titles(service.search_once("tyres -folder:home", mode)) == [], mode
    assert titles(service.search_once("automobile -oil")) == []
    assert titles(service.search_once("automobile -cat")) == ["Car"]
    # What is sought is the words alone, whatever the filters say.
    assert service.search_once("tyres folder:home").words == "tyres"


def test_a_filter_changes_no_score(service: SearchService) -> None:
    plain, narrowed = service.search_once("automobile tyres"), service.search_once("automobile tyres folder:home")
    assert (narrowed.hits[0].score, narrowed.hits[0].similarity) == (plain.hits[0].score, plain.hits[0].similarity)


def test_filters_alone_list_by_date(service: SearchService, real_store: Store, encoder: FakeEncoder) -> None:
    asked = len(encoder.questions)
    real_store.notes.create("Old", "ancient", edited_at=datetime(2001, 1, 1, tzinfo=UTC))
    result = service.search_once("before:2100")
    assert titles(result) == ["Cat", "Bread", "Car", "Old"]
    assert result.order is SearchOrder.DATE
    assert (result.hits[0].words_rank, result.hits[0].meaning_rank) == (None, None)
    assert result.hits[0].passage == "The cat purrs and sleeps."
    assert titles(service.search_once("before:2002")) == ["Old"]
    assert titles(service.search_once("tag:none")) == []
    assert len(encoder.questions) == asked
    trashed = result.hits[0].note_id
    real_store.notes.trash([trashed])
    assert titles(service.search_once("before:2100")) == ["Bread", "Car", "Old"]


def test_hits_by_date(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Newer", "An old tyre among other things that have no bearing on anything.")
    assert titles(service.search_once("tyres"))[0] == "Car"
    assert titles(service.search_once("tyres", order=SearchOrder.DATE)) == ["Newer", "Car"]


def test_notes_like_a_note(service: SearchService, real_store: Store, encoder: FakeEncoder) -> None:
    other = real_store.notes.create("Van", "The vehicle needs new tyres, and oil.", folder="Work")
    car = service.search_once("title:Car").hits[0].note_id
    assert "not indexed yet" in service.search_once(f"similar:{other.id}").meaning_problem
    fake_indexing(real_store, encoder).run()
    asked = len(encoder.questions)
    for mode in SearchMode:
        result = service.search_once(f"similar:{car}", mode)
        assert titles(result) == ["Van"], mode
        assert (result.hits[0].meaning_rank, result.hits[0].words_rank) == (1, None)
    assert len(encoder.questions) == asked
    assert service.explain_nearest(result) == result
    assert titles(service.search_once(f"similar:{car} -folder:work")) == []
    assert [hit.words_rank for hit in service.search_once(f"similar:{car} tyres").hits] == [1]
    empty = real_store.notes.create("", "")
    assert "nothing in this note" in service.search_once(f"similar:{empty.id}").meaning_problem
    assert "no note" in service.search_once("similar:99999").meaning_problem.lower()
    real_store.notes.trash([car])
    assert "trash" in service.search_once(f"similar:{car}").meaning_problem


def test_chats_are_searched_where_asked(service: SearchService, real_store: Store) -> None:
    chats = real_store.conversations
    chats.add_message(chats.create("About tyres").id, None, Role.USER, "Which tyres are good in snow?")
    service = fake_search(
        real_store,
        service._encoder,
        ensure_encoder=service._ensure_encoder,
        messages=ChatSearch(real_store.messages, chats),
    )

    def found(text: str, **how: object) -> tuple[list[str], list[str]]:
        result = service.search_once(text, **how)  # type: ignore[arg-type]
        return titles(result), [each.title for each in result.messages]

    assert found("tyres") == (["Car"], [])
    assert found("tyres", scope=Scope.ALL) == (["Car"], ["About tyres"])
    assert found("tyres in:chats", scope=Scope.NOTES) == ([], ["About tyres"])
    assert found("tyres in:notes", scope=Scope.ALL) == (["Car"], [])
    assert found("tyres", scope=Scope.ALL, mode=SearchMode.MEANING) == (["Car"], [])
    assert found("in:chats") == ([], ["About tyres"])
    assert found("after:2000", scope=Scope.ALL)[1] == ["About tyres"]
    assert found("tyres tag:none", scope=Scope.ALL) == ([], [])


@pytest.mark.parametrize("text", ["word " * 2_000, "tag:x " * 1_700, '"' * 10_000, "-" * 10_000, "after:x " * 1_250])
def test_ten_thousand_characters_are_a_question(service: SearchService, text: str) -> None:
    started = time.monotonic()
    assert service.search_once(text, scope=Scope.ALL).final
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("measure", [SimilarityMeasure.DOT, SimilarityMeasure.EUCLIDEAN])
def test_other_measures_find_the_same_and_nothing_for_nonsense(
    service: SearchService, encoder: FakeEncoder, measure: SimilarityMeasure
) -> None:
    encoder.measure = measure
    encoder.close()
    result = service.explain_nearest(service.search_once("automobile tyres"))
    assert titles(result) == ["Car"]
    assert result.hits[0].measure is measure
    assert result.hits[0].nearest_span is not None
    similarity = result.hits[0].similarity
    assert similarity is not None
    assert (similarity < 0) is (measure is SimilarityMeasure.EUCLIDEAN)
    for mode in SearchMode:
        assert titles(service.search_once("qzx wkfjv", mode)) == []


def test_limits_hold(real_store: Store, service: SearchService) -> None:
    for number in range(30):
        real_store.notes.create(f"Tyre {number}", "tyres")
    result = service.search_once("tyres", limit=5)
    assert len(result.hits) == 5
    assert len(service.search_once("tyres", limit=100).hits) == 31


def test_a_result_can_be_asked_again_by_its_query(service: SearchService, tmp_path: Path) -> None:
    result: SearchResult = service.search_once("  tyres ")
    assert service.search_once(result.query).hits == result.hits


def test_small_words_say_that_a_question_is_english_however_its_names_are_spelled(
    real_store: Store, service: SearchService, encoder: FakeEncoder
) -> None:
    def score_of_cat(question: str, letters_per_piece: float) -> float:
        encoder.letters_per_piece = letters_per_piece
        found = fake_search(real_store, encoder).search_once(question)
        return next(hit.score for hit in (*found.hits, *found.weaker) if hit.title == "Cat")

    with_small_words, names_alone = "what is it that purrs in the vehicle", "purrs vehicle"
    assert score_of_cat(with_small_words, 2.1) == score_of_cat(with_small_words, 5.0)
    assert score_of_cat(names_alone, 2.1) != score_of_cat(names_alone, 5.0)
