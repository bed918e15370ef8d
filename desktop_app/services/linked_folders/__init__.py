"""Folders whose files are notes, kept in step both ways."""
