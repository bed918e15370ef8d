"""`inkwell complete`: a text that the model goes on with; no chat, nothing stored."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.ask import add_generation_options, chosen_constraint, chosen_sampling, load, overrides, stream
from desktop_app.app.cli.verb import Call
from desktop_app.domain.completion import split_trailing_blanks
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import GenerateRequest


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("complete", parents=[shared], help="let the chat model (decoder) go on with a text")
    parser.add_argument("text", metavar="TEXT", help="the text to go on from; - reads it from standard input")
    add_generation_options(parser)
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Load the decoder, stream what it writes, say how it ended. The text that was given is not repeated."""
    arguments = call.arguments
    text = call.read_stdin() if arguments.text == "-" else arguments.text
    if not text.strip():
        raise InkwellError("There is no text to go on from.", "It is empty.", "Write a beginning after “complete”.")
    constraint = chosen_constraint(arguments)
    container = call.open(overrides(arguments))
    load(call)
    model = container.library.describe(container.library.decoder_path()).name
    limit = int(arguments.max_tokens or container.settings_file.integer("decoder.max_answer_tokens"))
    kept, blanks = split_trailing_blanks(text)
    request = GenerateRequest((), chosen_sampling(call), max_tokens=limit, plain_text=kept, constraint=constraint)
    return stream(call, request, model, skipped_blanks=blanks)
