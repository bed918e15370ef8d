"""Sentences as a reader sees them, in the languages that people write notes in."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.shown_sentences import shown_sentences


def _split(text: str, *, by_line: bool = False) -> list[str]:
    return [text[span.start : span.end] for span in shown_sentences(text, by_line=by_line)]


# The ends of sentences stand as ¦.
_TABLE = """
We met at noon.¦ She left!¦ Did he?
The garden is dry.¦ Water it twice a week.
Ask Mr. Smith or Mrs. Jones.¦ They know.
Prof. Dr. Meyer was ill.¦ Nobody came.
He went to St. Moritz with Gen. Grant.¦ It snowed.
Fruit, e.g. Apples and pears, i.e. What grows here, keeps.¦ The rest rots.
J. R. R. Tolkien wrote it.¦ C. S. Lewis read it.
It was J. La Fontaine who wrote fables.¦ We read them.
Written by George R. R. Martin.¦ The series is long.
Carrots have vitamin A.¦ They also have vitamin C.¦ The skin has most.
See Fig. 3 and p. 12 of vol. II for it.¦ Then turn to No. 5 in ch. 7.
I said no.¦ The answer stands.
The price rose to $9.99.¦ Nobody bought it.
Python 3.11.4 is out.¦ Version 3 is old.
It grew by 3.5 % in 2023.¦ We were glad.
Apple Inc. Chief Tim Cook spoke.¦ He was brief.
She works at Yamaha Ltd.¦ The firm is old.
He lives in the U.S. Government offices are near.
He lives in the U.S.¦ The offices are near.
We open at 8 a.m. and close at 6 p.m.¦ On Sundays we rest.
Bring bread, cheese, etc.¦ We bring wine.
Smith et al. Found that it works.
Martin Luther King Jr. Day is in January.¦ The banks are closed.
I wonder ... if he knows.¦ Perhaps not.
I never meant that....¦ She left.
Well… we shall see.¦ Or not…¦ Good night.
He said . . . nothing at all.¦ Then he went.
the flow is slow .¦ the end is near .¦ all is said .
Run pip install -e .[test] and wait.¦ Then go.
“Go away!” she cried.¦ He went.
He said “go.”¦ She went.
(This is an aside.)¦ This is not.
He teaches (since 2012, in Bonn.) at school.¦ He likes it.
**Bold end.**¦ Next one.¦ *So it goes.*¦ Last.
It is known.[1]¦ It is proven.[^2]¦ So be it.
See [the page.](https://example.org/a.b)¦ It is long.
Weigh 5 g.¦ Then stir for 10 s.¦ Serve.
World War II.¦ The war ended.
Der Brief kam am 3. Dezember an.¦ Wir lasen ihn.
Im 19. Jahrhundert war das anders.¦ Heute nicht.
Nach dem 2. Weltkrieg zog er in den 4. Stock.¦ Dort blieb er.
Der 1. FC Köln spielt am 12. 3. 2024 um 18 Uhr.¦ Wir sehen zu.
Wir haben 5.¦ Die anderen sind weg.
Das geschah um 1900.¦ Danach kam nichts.
Man nehme z. B. Mehl, d. h. Weizenmehl.¦ Es geht auch z.B. Roggen.
Das steht bei Dr. Meyer auf S. 12 f. und in Nr. 5, Abs. 2, Art. 3.¦ Lies es.
Vgl. Abb. 3 bzw. Tab. 4.¦ Die Werte stimmen.
Äpfel, Birnen usw.¦ Alles ist reif.
Cäsar starb 44 v. Chr. in Rom.¦ Augustus folgte.
Der Verein e. V. Musterstadt lädt ein.¦ Kommt alle.
Das gilt i. d. R. Montags.¦ Sonst nicht.
„Wirklich?“ fragte er.¦ „Ja.“¦ Sie lachte.
»Komm mit!« rief sie.¦ Er kam.
Ludwig XIV. war König.¦ Er baute viel.
Frau Dr. h. c. Müller sprach.¦ Alle hörten zu.
Die Variante B.¦ Das ist die beste.
On prend, p. ex. Paris ou Lyon.¦ Les trains sont rapides.
M. Dupont habite ici.¦ Mme. Durand aussi.
Il dit : « Viens. »¦ Puis il partit.
El Sr. García y la Sra. López vinieron.¦ ¿Quién más?¦ ¡Nadie!¦ Así fue.
Véase pág. 12 y núm. 5.¦ Luego siga.
Il dott. Rossi è qui, cfr. p. 3.¦ Poi va via.
Dhr. Jansen komt, bijv. Maandag.¦ Hij blijft niet.
Mødet er den 3. Maj i Aarhus.¦ Vi ses.
Пушкин, А. С. Сочинения, стр. 12.¦ Это книга.
你好。¦再见！¦你去哪儿？¦我回家。
他说：「我走了。你留下。」¦然后他走了。
価格は3.5円です。¦「はい。」と彼は言った。¦それで終わり。
今日は雨（小雨。）です。¦明日は晴れ。
मैं घर जाता हूँ।¦ तुम कहाँ हो?¦ वह यहाँ है।
أين أنت؟¦ أنا في البيت.¦ هذا جيد!¦ نعم.
یہ کتاب ہے۔¦ وہ قلم ہے۔
"""


@pytest.mark.parametrize("row", [row for row in _TABLE.splitlines() if row])
def test_sentences_of_many_languages(row: str) -> None:
    assert _split(row.replace("¦", "")) == [part.strip() for part in row.split("¦")]


def test_ends_of_lines_that_begin_something_end_a_sentence() -> None:
    text = "# The plan\nWe buy:\n1. Milk\n2. Bread, e.g.\nrye\n- [ ] Eggs\n(a) white\n(b) brown\n\nThen we\ngo home."
    assert _split(text) == [
        "# The plan",
        "We buy:",
        "1. Milk",
        "2. Bread, e.g.\nrye",
        "- [ ] Eggs",
        "(a) white",
        "(b) brown",
        "Then we\ngo home.",
    ]


def test_a_date_that_is_wrapped_stays_whole() -> None:
    assert _split("Er kam am 3.\nDezember an. Gut.") == ["Er kam am 3.\nDezember an.", "Gut."]
    assert _split("the tunnel of the\nn. a. c. a. was used. It ran.") == [
        "the tunnel of the\nn. a. c. a. was used.",
        "It ran.",
    ]


def test_code_goes_by_line() -> None:
    assert _split("a = 1. \n\nb.c()", by_line=True) == ["a = 1.", "b.c()"]


@given(st.text(st.sampled_from("aB. !?\n-。「」（）\"'…3#1C।"), max_size=200))
def test_every_visible_character_is_in_one_sentence(text: str) -> None:
    spans = shown_sentences(text)
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize("text", ["word and more ", "w", ".", ". ", "a. ", "Nr. 5 ", "「。", "[a](", "\n# "])
def test_a_long_text_takes_linear_time(text: str) -> None:
    long = text * (200_000 // len(text))
    started = time.process_time()
    shown_sentences(long)
    assert time.process_time() - started < 3.0
