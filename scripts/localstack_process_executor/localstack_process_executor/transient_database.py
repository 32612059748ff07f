"""SQLite databases whose content need not outlive the process that writes it."""

from __future__ import annotations

import sqlite3


def connect(database: str, *, uri: bool = False) -> sqlite3.Connection:
    """Opens a database without ever waiting for the disk.

    Args:
        database: The file, or its URI.
        uri: Whether it is a URI.

    Returns:
        The connection. What is committed is seen by all others at once; after the machine's fall
        it may be gone.
    """
    connection = sqlite3.connect(database, uri=uri)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection
