"""`inkwell ask`: one question, one streamed answer; nothing is stored unless a chat is named."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from desktop_app.app.cli import ask_chat
from desktop_app.app.cli.arguments import given_path, positive, setting_and_value
from desktop_app.app.cli.verb import DONE, FAILED, STOPPED, Call
from desktop_app.domain.built_in_templates import OWN_TEMPLATE, BuiltInTemplate
from desktop_app.domain.completion import BlankSkipper
from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.domain.context_budget import require_room, reserved_for_answer
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ConstraintError, InkwellError, SettingError, TemplateError, system_reason
from desktop_app.domain.generation import (
    ChatTurn,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    PromptMeasure,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.presets import ChatChoices, belongs_in_preset
from desktop_app.domain.reasoning import split_reasoning
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.services.chat_settings import ChatSettings
from desktop_app.services.constraint_check import what_is_wrong
from desktop_app.settings.schema import Value, setting_for
from desktop_app.settings.validation import parse_text

if TYPE_CHECKING:
    from desktop_app.app.container import Container

_STOP_WORDS = {
    StopReason.LIMIT: "Cut at the maximum answer length.",
    StopReason.CONTEXT_FULL: "The context is full.",
    StopReason.REPETITION: "It began repeating itself.",
    StopReason.STOPPED: "Stopped.",
}


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("ask", parents=[shared], help="ask the chat model (decoder); stored only with --chat")
    parser.add_argument("text", metavar="TEXT", help="the question; - reads it from standard input")
    parser.add_argument("--system", metavar="S", help="instructions in place of the setting decoder.system_prompt")
    parser.add_argument(
        "--chat",
        metavar="new|ID",
        type=ask_chat.chat_to_go_on,
        help="keep question and answer as a new chat, or go on with one",
    )
    parser.add_argument(
        "--notes", action="store_const", const="", help="answer from passages of your notes; kept with --chat"
    )
    # An option of its own: as a value that --notes may have, it would take the question that follows.
    parser.add_argument(
        "--notes-in",
        metavar="FILTERS",
        dest="notes",
        help="answer from passages of the notes that FILTERS (folder:Work, tag:read) let through; kept with --chat",
    )
    parser.add_argument(
        "--preset", metavar="NAME", help="a preset's instructions, sampling and lengths; kept with --chat"
    )
    parser.add_argument(
        "--template",
        metavar="NAME",
        choices=(OWN_TEMPLATE, *(template.value for template in BuiltInTemplate)),
        help=f"the chat template for this answer: {OWN_TEMPLATE} (the model's own) or a built-in one: "
        + ", ".join(BuiltInTemplate),
    )
    parser.add_argument("--no-cache", action="store_true", help="read everything again, always in the same slices")
    add_generation_options(parser)
    parser.set_defaults(run=run)


def add_generation_options(parser: argparse.ArgumentParser) -> None:
    """Options of every verb that lets the decoder write."""
    parser.add_argument("--max-tokens", metavar="N", type=positive, help="longest answer")
    parser.add_argument("--temperature", metavar="T", type=_value_of("sampling.temperature"), help="randomness")
    parser.add_argument("--seed", metavar="N", type=_value_of("sampling.seed"), help="same seed, same text")
    parser.add_argument("--context", metavar="N", type=_value_of("decoder.context_length"), help="context length")
    parser.add_argument(
        "--model", metavar="FILE", type=given_path, help="a GGUF file in place of the one in the settings"
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        dest="settings",
        action="append",
        default=[],
        type=setting_and_value,
        help="any setting, for this answer alone; may be repeated",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--schema", metavar="FILE", type=given_path, help="the answer is JSON that fits this JSON schema")
    form.add_argument("--grammar", metavar="FILE", type=given_path, help="the answer fits this GBNF grammar")


def _value_of(key: str) -> Callable[[str], Value]:
    """An argument that is checked like the setting of that key."""

    def parse(text: str) -> Value:
        try:
            return parse_text(setting_for(key), text)
        except SettingError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse


def run(call: Call) -> int:
    """Load the decoder, stream the answer, say how it ended."""
    try:
        return _ask(call)
    except TemplateError as error:
        if error.built_in is None:
            raise
        todo = f"Ask with --template {error.built_in.value} (the built-in one for this model), or choose another model."
        raise TemplateError(error.what, error.why, todo, built_in=error.built_in) from error


def _ask(call: Call) -> int:
    arguments = call.arguments
    text = call.read_stdin() if arguments.text == "-" else arguments.text
    if not text.strip():
        raise InkwellError("There is no question.", "The text is empty.", "Write it after “inkwell ask”.")
    if arguments.chat is not None or arguments.notes is not None:
        _choose_template(call.open(overrides(arguments) | ask_chat.overrides(arguments)), arguments.template)
        return ask_chat.run(call, text, load, _STOP_WORDS)
    constraint = chosen_constraint(arguments)
    container = call.open(overrides(arguments))
    _choose_template(container, arguments.template)
    chosen = _chosen_settings(call)
    loaded = load(call, chosen.context_length)
    model = container.library.describe(container.library.decoder_path()).name
    system = str(chosen.get("decoder.system_prompt")) if arguments.system is None else arguments.system
    turns = [ChatTurn(Role.SYSTEM, system)] if system.strip() else []
    turns.append(ChatTurn(Role.USER, text))
    limit = int(arguments.max_tokens or chosen.get("decoder.max_answer_tokens"))
    _refuse_too_long(container.decoder.measure(turns), loaded, limit)
    request = GenerateRequest(
        tuple(turns),
        chosen_sampling(call, chosen),
        max_tokens=limit,
        reuse_prefix=not arguments.no_cache,
        constraint=constraint,
    )
    return stream(call, request, model, opens_reasoning=loaded.opens_reasoning)


def _choose_template(container: Container, name: str | None) -> None:
    """Use the named chat template for this answer; None leaves it to what was chosen for the model."""
    if name is not None:
        container.template_choices.force(None if name == OWN_TEMPLATE else BuiltInTemplate(name))


def _chosen_settings(call: Call) -> ChatSettings:
    """The settings with a preset's over them, and what the command line sets one by one over both.

    Raises NotFoundError for a preset that is not there.
    """
    arguments, container = call.arguments, call.container
    preset = container.presets.named(arguments.preset) if arguments.preset is not None else None
    own = {setting.key: parse_text(setting, value) for setting, value in arguments.settings}
    if arguments.context is not None:
        own["decoder.context_length"] = arguments.context
    choices = ChatChoices(
        preset_values=preset.values if preset is not None else {},
        own={key: value for key, value in own.items() if belongs_in_preset(key)},
    )
    return ChatSettings(container.settings_file, choices)


def chosen_sampling(call: Call, settings: ChatSettings | None = None) -> SamplingSettings:
    """The sampling values in force, with those of the command line."""
    arguments = call.arguments
    sampling = call.container.session.resolved_sampling(settings).settings
    if arguments.temperature is not None:
        sampling = replace(sampling, temperature=float(arguments.temperature))
    if arguments.seed is not None:
        sampling = replace(sampling, seed=int(arguments.seed))
    return sampling


def chosen_constraint(arguments: argparse.Namespace) -> Constraint | None:
    """The constraint asked for, known to be usable. Raises ConstraintError."""
    path: Path | None = arguments.schema or arguments.grammar
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConstraintError(f"{path} cannot be read.", system_reason(error), "Name another file.") from error
    except UnicodeDecodeError as error:
        raise ConstraintError(f"{path} is not UTF-8 text.") from error
    constraint = Constraint(ConstraintKind.JSON_SCHEMA if arguments.schema else ConstraintKind.GRAMMAR, text)
    constraint.grammar()
    return constraint


def overrides(arguments: argparse.Namespace) -> dict[str, str]:
    """Options that change which model is loaded and how: they stand over the settings, so that all checks apply."""
    overrides = {setting.environment_name: value for setting, value in arguments.settings}
    if arguments.context is not None:
        overrides[setting_for("decoder.context_length").environment_name] = str(arguments.context)
    if arguments.model is not None:
        overrides[setting_for("decoder.model_file").environment_name] = str(arguments.model.expanduser().absolute())
    return overrides


def load(call: Call, context_length: int | None = None) -> LoadedDecoder:
    """Load the decoder, showing how far it is; `context_length` in place of that of the settings.

    Raises ModelError, WorkerError, CancelledError.
    """
    container = call.container
    with call.console.progress("Loading the model") as bar:
        unsubscribe = container.decoder.subscribe(lambda status: bar.update(round(status.progress * 100), 100, "%"))
        try:
            return container.session.ensure_decoder(call.cancel, context_length)
        finally:
            unsubscribe()


def _refuse_too_long(measure: PromptMeasure, loaded: LoadedDecoder, limit: int) -> None:
    """The window's rule: beside the instructions and the question there must be room for the answer."""
    *instructions, question = measure.turn_tokens
    require_room(
        question,
        fixed_tokens=measure.overhead_tokens + sum(instructions),
        context_length=loaded.context_length,
        reserved=reserved_for_answer(limit, loaded.context_length),
        what="This question is too long",
        todo="Shorten what is too long, or raise the context length (--context N).",
    )


def stream(
    call: Call, request: GenerateRequest, model: str, *, skipped_blanks: int = 0, opens_reasoning: bool = False
) -> int:
    """Write what the decoder writes on standard output, and say how it ended; the exit status.

    `skipped_blanks` at its beginning stand at the end of the text already and are left out.
    `opens_reasoning`: it begins inside the reasoning, which no constraint is about.
    """
    console = call.console
    pieces: list[str] = []
    skipper = BlankSkipper(skipped_blanks)
    ended: GenerationEnded | None = None
    with console.progress("Reading") as bar:
        for event in call.container.decoder.generate(request, call.cancel):
            match event:
                case ReadingProgress(done=done, total=total):
                    bar.update(done, total, "tokens")
                case TokensWritten(text=text):
                    bar.clear()
                    piece = skipper.take(text)
                    pieces.append(piece)
                    console.stream(piece)
                case GenerationEnded():
                    ended = event
    if ended is None:
        raise InkwellError("The answer did not end properly.", "The model process said nothing more.", "Try again.")
    if pieces and not pieces[-1].endswith("\n"):
        console.stream("\n")
    text = "".join(pieces)
    answer = split_reasoning(text, opened=opens_reasoning).answer
    wrong = what_is_wrong(answer, ended.stop_reason, request.constraint)
    held = {"constraint_held": not wrong} if request.constraint else {}
    console.result(_as_json(text, ended.stop_reason, ended.figures, model) | held)
    if ended.stop_reason in _STOP_WORDS:
        console.note(_STOP_WORDS[ended.stop_reason])
    if wrong:
        console.note(wrong)
    if ended.stop_reason is StopReason.STOPPED:
        return STOPPED
    return FAILED if wrong else DONE


def _as_json(text: str, reason: StopReason, figures: GenerationFigures, model: str) -> dict[str, object]:
    return {
        "text": text,
        "stop_reason": reason.value,
        "prompt_tokens": figures.prompt_tokens,
        "cached_tokens": figures.cached_tokens,
        "restored_tokens": figures.restored_tokens,
        "generated_tokens": figures.generated_tokens,
        "first_token_s": figures.first_token_s,
        "tokens_per_s": figures.tokens_per_s,
        "model": model,
    }
