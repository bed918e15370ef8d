"""The one SQLite store: tables, repositories, full text, vectors, backups, recovery, migrations.

SQLAlchemy imports asyncio, and with it sockets and TLS, and the reading of packages' metadata, for parts of it that
are not used here: a twentieth of the window's start. It gets them when it asks them for something.
"""

from desktop_app.storage.late_modules import imported_late

with imported_late({"asyncio": ("iscoroutine",), "importlib.metadata": ()}):
    import sqlalchemy.dialects.sqlite  # noqa: F401
