"""The notes and questions that the pictures show."""

from __future__ import annotations

from typing import Any

from desktop_app.app.container import Container
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason

NOTES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Gen AI",
        ("encoder", "decoder"),
        "# Attention\n\nAllows a model to focus on the parts of the input sequence that are relevant to one another "
        "and to amplify their signals. It decides which words matter most in a given sentence.\n\n"
        "## Compared with word2vec\n\nThis architecture represents the order of the text and the context in which a "
        "word appears, by *attending* to the entire sentence.\n\n## In a decoder\n\nThe self-attention layer masks "
        "future positions, so it only attends to earlier positions.\n\n- parallel training, unlike recurrence\n"
        "- cost grows with the square of the sequence\n\n```python\ndef attention(q, k, v):\n"
        "    scores = q @ k.T / np.sqrt(q.shape[-1])\n    return softmax(scores) @ v\n```\n",
    ),
    (
        "Gen AI",
        ("decoder",),
        "# GPT\n\nA decoder-only architecture that was trained to predict the next token.\n\n## Context window\n\n"
        "A vital part of these completion models is something called the context length or context window. The context "
        "length represents the maximum number of tokens the model can process. Due to the autoregressive nature of "
        "these models, the current context length will increase as new tokens are generated.\n\nA large context window "
        "allows entire documents to be passed to the model.\n",
    ),
    ("Gen AI", ("encoder",), "# BERT\n\nMasked language modelling: hide a word and guess it from both sides.\n"),
    (
        "Gen AI",
        ("encoder",),
        "# Embeddings\n\nAn attempt to capture meaning by numbers: near in space, near in sense.\n",
    ),
    (
        "Gen AI",
        (),
        "# Transformer\n\nA network architecture. Instead of processing one token at a time, it looks at the entire "
        "sequence in one go.\n",
    ),
    (
        "Home",
        ("garden",),
        "# Tomatoes\n\nSow indoors in March, plant out after the ice saints, water at the foot only.\n",
    ),
    ("Home", (), "# Boiler\n\nPressure should read 1.5 bar when cold. Bleed the radiators each October.\n"),
    (
        "Work",
        ("meeting",),
        "# Meeting summary, March plan\n\nThree decisions were taken. The release moves by a week.\n",
    ),
    (
        "Work",
        (),
        "# Retry with backoff\n\nDouble the delay after each failure and add jitter, else all clients wake at once.\n",
    ),
    ("Recipes", (), "# Bread\n\n500 g flour, 350 g water, 10 g salt, a little yeast. Overnight in the cold.\n"),
)

BEGINNING = (
    "The lamp had to be wound every four hours, and in eleven years Ada Merrin had never once let it stop. She kept "
    "the log in iron gall ink, because it was the only one that did not run when the spray came under the door.\n\n"
    "On the night of the ninth of November she wrote a single line:"
)
QUESTION_WITH_CODE = "Write a short Python function that reverses a string, and explain it."
QUESTION_FOR_LONG_ANSWER = "Write a long letter about the sea and the people who live beside it."

LONG_MESSAGE = "The keeper of the light wrote down every ship that passed, and the hour, and the wind. " * 100

ANSWER = (
    "You wrote that attention lets a model focus on the parts of the input that are relevant to one another, and that "
    "the decoder masks later positions, so that each token attends to earlier ones only. Its cost grows with the "
    "square of the sequence, which is why a long context is dear."
)


def fill(container: Container) -> None:
    """Put the notes into the store."""
    for folder, tags, text in NOTES:
        note = container.notes.create(folder, text)
        container.notes.set_tags(note.id, list(tags))


def fill_with_many(container: Container, count: int = 1_200) -> None:
    """More notes than are indexed in a moment."""
    fill(container)
    for number in range(count):
        container.notes.create(
            "Journal", f"# Day {number}\n\nWalked {number} steps along the river, thinking of ink.\n" * 6
        )


CHATS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Paper for fountain pens", "", ("What paper takes ink well?", "Sized paper of at least 90 g/m². Ada likes rag.")),
    ("Thesis: reading list", "Work/Thesis", ("Which of these use masked training?", "BERT and its kin.")),
    (
        "Retry helper with backoff",
        "Work",
        ("Write a retry helper.", "```python\ndef retry(call):\n    return call()\n```"),
    ),
    ("Trip to Lisbon", "", ("Three days in Lisbon?", "Walk the Alfama, take the tram, eat by the river.")),
    (
        "How iron gall ink is made",
        "",
        (
            "What is iron gall ink made of?",
            "Oak galls, **iron sulphate**, gum arabic and water. The gall gives tannic acid; with the iron it darkens.",
            "Does such ink harm paper?",
            "Acid ink does, slowly. Old letters show it where the ink was thick.",
        ),
    ),
)


def fill_chats(container: Container) -> None:
    """Put chats into the store: one pinned, some in folders, one archived, one in the trash."""
    store = container.store.conversations
    ids = []
    for title, folder, said in (*CHATS[:1], ("Old shopping list", "", ("What was on it?", "Galls.")), *CHATS[1:]):
        chat, parent = store.create(title), None
        for number, text in enumerate(said):
            role = Role.ASSISTANT if number % 2 else Role.USER
            parent = store.add_message(chat.id, parent, role, "" if number % 2 else text).id
            if role is Role.ASSISTANT:
                store.finish_message(parent, text, [], StopReason.END, None)
        store.set_folder(chat.id, folder)
        ids.append(chat.id)
    store.set_pinned(ids[2], True)
    store.set_archived(ids[4], True)
    store.trash(ids[1])


def fill_to_search(container: Container) -> None:
    """Notes and chats."""
    fill(container)
    fill_chats(container)


def _chatgpt_chat(title: str, *said: str) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for number, text in enumerate(said):
        message = {
            "author": {"role": "assistant" if number % 2 else "user"},
            "content": {"content_type": "text", "parts": [text]},
            "create_time": 1_760_000_000 + number,
        }
        parent = str(number - 1) if number else None
        mapping[str(number)] = {"parent": parent, "children": [], "message": message}
    return {"title": title, "mapping": mapping, "current_node": str(len(said) - 1)}


CHATGPT_EXPORT: list[dict[str, Any]] = [
    _chatgpt_chat("Iron gall ink", "How is it made?", "Of oak galls, iron salts, gum and water."),
    _chatgpt_chat("A week of soups", "Seven soups, please.", "Monday: leek and potato."),
]
"""What ChatGPT would export of two short chats."""
