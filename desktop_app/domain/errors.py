"""Every error a person can meet: what happened, why, and what to do about it.

Rooms raise these and nothing else across their borders; screens and the command line show the three sentences.
"""

from __future__ import annotations

from typing import ClassVar

from desktop_app.domain.built_in_templates import BuiltInTemplate


class InkwellError(Exception):
    """Base of all expected failures.

    Attributes:
        what: one sentence, what happened, in words a person understands.
        why: the cause, or an empty string where it is not known.
        todo: what the person can do next, or an empty string where nothing helps.
        code: a stable short name for logs, tests and `--json`.
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, why: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.todo = todo

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.todo) if part)


def system_reason(error: OSError) -> str:
    """What the system says of a failure, as a sentence; empty where it says nothing."""
    words = error.strerror or ""
    return words if not words or words.endswith(".") else f"{words}."


class NotFoundError(InkwellError):
    """A chat, message, note or version that does not exist (any more)."""

    code = "not_found"


class CancelledError(InkwellError):
    """The person stopped the work. Not a failure; nothing is shown as one."""

    code = "cancelled"


# Models -----------------------------------------------------------------------------------------


class ModelError(InkwellError):
    """Base of what can be wrong with a model file or folder."""

    code = "model"


class ModelMissingError(ModelError):
    """The model's file or folder is not there."""

    code = "model_missing"


class ModelUnreadableError(ModelError):
    """The file is there but may not be read, or reading fails."""

    code = "model_unreadable"


class ModelDamagedError(ModelError):
    """Not a GGUF file, a damaged header, a wrong length, or a hash that differs from the known one."""

    code = "model_damaged"


class ModelUnsafeError(ModelError):
    """A model folder that carries code or pickles and is refused before loading."""

    code = "model_unsafe"


class ModelLoadError(ModelError):
    """The file passed the checks and the library still could not load it."""

    code = "model_load"


class OutOfMemoryError(ModelError):
    """Loading or running the model needs more memory than there is."""

    code = "out_of_memory"


class ModelQuarantinedError(ModelError):
    """The model crashed its process three times and is not started again unless asked to."""

    code = "model_quarantined"


class TemplateError(ModelError):
    """The model's chat template is missing, fails, or runs too long.

    Attributes:
        built_in: the template of Inkwell's own that can take its place, None where none is known to fit.
    """

    code = "template"

    def __init__(self, what: str, why: str = "", todo: str = "", *, built_in: BuiltInTemplate | None = None) -> None:
        super().__init__(what, why, todo)
        self.built_in = built_in


class BaseModelError(TemplateError):
    """The model has no chat template: it goes on with texts, and does not chat."""

    code = "base_model"

    def __init__(
        self,
        what: str = "This model cannot chat.",
        why: str = "It is a base model: its file has no chat template.",
        todo: str = "Let it go on with a text: Free writing, beside New (“inkwell complete” on the command line). "
        "Models that chat often have “Instruct”, “it” or “chat” in their names.",
    ) -> None:
        super().__init__(what, why, todo)


# Workers ----------------------------------------------------------------------------------------


class WorkerError(InkwellError):
    """Base of what can go wrong with a model process."""

    code = "worker"


class WorkerCrashedError(WorkerError):
    """The process ended without being asked to."""

    code = "worker_crashed"


class WorkerUnresponsiveError(WorkerError):
    """No heartbeat, or no answer to a stop; the process was killed."""

    code = "worker_unresponsive"


class WorkerProtocolError(WorkerError):
    """The process sent something that is not in the protocol; it was killed."""

    code = "worker_protocol"


class WorkerStartError(WorkerError):
    """The process could not be started, or speaks another protocol version."""

    code = "worker_start"


# Chat -------------------------------------------------------------------------------------------


class MessageTooLongError(InkwellError):
    """One message alone does not fit into the context window.

    Attributes:
        tokens: length of the message as the decoder counts it.
        room: tokens there is room for beside the instructions and the reserved answer.
    """

    code = "message_too_long"

    def __init__(self, what: str, why: str = "", todo: str = "", *, tokens: int = 0, room: int = 0) -> None:
        super().__init__(what, why, todo)
        self.tokens = tokens
        self.room = room


class ContextFullError(InkwellError):
    """The chat no longer fits into the context window, and it was chosen to be asked what to do. Nothing was sent."""

    code = "context_full"


class NothingInNotesError(InkwellError):
    """The notes hold nothing about the question that was to be answered from them. Nothing was sent."""

    code = "nothing_in_notes"


class DecoderBusyError(InkwellError):
    """The decoder is already writing an answer."""

    code = "decoder_busy"


class SamplingError(InkwellError):
    """Sampling values that this model cannot be asked with."""

    code = "sampling"


class ConstraintError(InkwellError):
    """A grammar or JSON schema that cannot be used, cannot be met, or is not met by what was written."""

    code = "constraint"


# Store ------------------------------------------------------------------------------------------


class StoreError(InkwellError):
    """Base of what can go wrong with the database and its files."""

    code = "store"


class StoreLockedError(StoreError):
    """Another program holds the database longer than the busy timeout."""

    code = "store_locked"


class StoreDamagedError(StoreError):
    """The database fails its integrity check or cannot be read."""

    code = "store_damaged"


class StoreReadOnlyError(StoreError):
    """The data folder or the database may not be written."""

    code = "store_read_only"


class DiskFullError(StoreError):
    """No space left on the disk; the change is not saved."""

    code = "disk_full"


class BackupError(StoreError):
    """A backup could not be made, verified or restored."""

    code = "backup"


# Notes and import -------------------------------------------------------------------------------


class NoteConflictError(InkwellError):
    """The note was saved by somebody else since it was read: its revision is not the expected one."""

    code = "note_conflict"


class PropertiesError(InkwellError):
    """Lines that are to be a note's properties and cannot be read as such."""

    code = "properties"


class NoteTitleError(InkwellError):
    """A title that the note cannot have, because a link could not say it or would mean another note."""

    code = "note_title"


class AttachmentTooLargeError(InkwellError):
    """A picture or another file is larger than a note's files may be. Nothing was stored."""

    code = "attachment_too_large"


class AttachmentMissingError(InkwellError):
    """A file of a note is not where it was stored, cannot be read, or is damaged."""

    code = "attachment_missing"


class ImportFileError(InkwellError):
    """One file could not be imported; the others go on."""

    code = "import_file"


class ImportLimitError(ImportFileError):
    """The file is too large, takes too long or too much memory, or is made to unpack to something huge."""

    code = "import_limit"


class NoTextError(ImportFileError):
    """The file could be read, and has no text: scanned pages, or nothing."""

    code = "import_no_text"


class LinkedFolderError(InkwellError):
    """A folder that cannot be linked: its files cannot be notes."""

    code = "linked_folder"


class ExportError(InkwellError):
    """Writing an export failed."""

    code = "export"


class OutputError(InkwellError):
    """A command's results could not be written to its standard output."""

    code = "output"


# Settings ---------------------------------------------------------------------------------------


class SettingError(InkwellError):
    """An unknown setting, or a value outside its type or range."""

    code = "setting"


class PresetError(InkwellError):
    """A preset that cannot be kept, changed or read: its name, a value in it, or its file."""

    code = "preset"
