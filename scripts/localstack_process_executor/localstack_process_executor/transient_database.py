"""SQLite databases that nobody needs after the process that writes them."""

from __future__ import annotations

import sqlite3


def connect(database: str, *, uri: bool = False) -> sqlite3.Connection:
    """Open a database that never waits for the disk: a crash of the machine may lose commits.

    Args:
        database: The file, or its URI.
        uri: Whether it is a URI.
    """
    connection = sqlite3.connect(database, uri=uri)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection
