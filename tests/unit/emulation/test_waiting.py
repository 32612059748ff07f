"""Waiting for a probe, until a time-out."""

import pytest

from emulation.waiting import wait_for


@pytest.mark.parametrize("found", ["found", True, 0, "", []])
def test_wait_returns_what_the_probe_finds(found: object) -> None:
    looks = iter([None, False, found, "too late"])
    assert wait_for("it", lambda: next(looks), 30) == found
    assert list(looks) == ["too late"]


def test_wait_of_zero_seconds_probes_once() -> None:
    assert wait_for("it", lambda: "there", 0) == "there"


@pytest.mark.parametrize(("seconds", "written"), [(0.0, "0"), (0.12, "0.12")])
def test_timeout_names_the_wait_and_its_seconds(seconds: float, written: str) -> None:
    looks: list[None] = []
    with pytest.raises(TimeoutError) as raised:
        wait_for("the queue", lambda: looks.append(None), seconds)
    assert str(raised.value) == f"Timed out after {written} s waiting for the queue."
    assert len(looks) > seconds * 10


def test_error_of_the_probe_ends_the_wait() -> None:
    def probe() -> None:
        raise ValueError("gone")

    with pytest.raises(ValueError, match="gone"):
        wait_for("it", probe, 30)
