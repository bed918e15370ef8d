"""Errors a worker reports, turned back into the classes of domain.errors."""

from __future__ import annotations

from desktop_app.domain import errors
from desktop_app.protocol.messages import Failed

_KNOWN: dict[str, type[errors.InkwellError]] = {
    kind.code: kind
    for kind in (
        errors.CancelledError,
        errors.ModelMissingError,
        errors.ModelUnreadableError,
        errors.ModelDamagedError,
        errors.ModelUnsafeError,
        errors.ModelLoadError,
        errors.OutOfMemoryError,
        errors.TemplateError,
        errors.BaseModelError,
        errors.MessageTooLongError,
        errors.DecoderBusyError,
        errors.SamplingError,
        errors.ConstraintError,
        errors.ImportFileError,
        errors.ImportLimitError,
        errors.NoTextError,
    )
}


def error_from_failure(failure: Failed) -> errors.InkwellError:
    """The typed error; a code that no worker may report becomes a WorkerProtocolError."""
    kind = _KNOWN.get(failure.code)
    if kind is None:
        return errors.WorkerProtocolError(failure.what, failure.why, failure.todo)
    if kind is errors.MessageTooLongError:
        return errors.MessageTooLongError(
            failure.what, failure.why, failure.todo, tokens=failure.tokens, room=failure.room
        )
    if kind is errors.TemplateError:
        return errors.TemplateError(failure.what, failure.why, failure.todo, built_in=failure.built_in)
    return kind(failure.what, failure.why, failure.todo)
