"""Chats in files: Inkwell's own JSON, and the exports of other programs."""
