"""The command line: the same services as the window, and no Qt."""

from desktop_app.app.cli.command_line import main

__all__ = ["main"]
