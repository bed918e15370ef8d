"""Inkwell: a private assistant that chats with a local decoder and finds notes by meaning."""

__version__ = "0.1.0"
