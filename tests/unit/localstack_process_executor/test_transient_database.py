"""A database that nobody needs tomorrow is one that waits for no disk today."""

from pathlib import Path

from localstack_process_executor import transient_database


def test_no_commit_waits_for_the_disk(tmp_path: Path) -> None:
    connection = transient_database.connect(str(tmp_path / "metrics.db"))

    [(synchronous,)] = connection.execute("PRAGMA synchronous").fetchall()
    [(journal,)] = connection.execute("PRAGMA journal_mode").fetchall()
    connection.close()

    assert (synchronous, journal) == (0, "memory")


def test_what_one_has_committed_others_read(tmp_path: Path) -> None:
    file = tmp_path / "metrics.db"
    with transient_database.connect(str(file)) as writer:
        writer.execute("CREATE TABLE metric (value)")
        writer.execute("INSERT INTO metric VALUES (7)")
    reader = transient_database.connect(f"file:{file}?mode=ro", uri=True)

    found = reader.execute("SELECT value FROM metric").fetchall()
    reader.close()
    writer.close()

    assert found == [(7,)]
