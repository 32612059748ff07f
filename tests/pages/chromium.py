"""Runs headless Chromium, and speaks its DevTools protocol over a pipe.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

_FONTS = "<fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>"
# Its pipe is at 3 and 4. Else its output would be taken for the protocol.
_START = 'exec "$@" 3<&0 4>&1 </dev/null >&2'


class Chromium:
    """A process of Chromium."""

    def __init__(self, installed: Path, scratch: Path) -> None:
        """Start it.

        Args:
            installed: what `scripts/create_browser.sh` created.
            scratch: an empty folder for its files.
        """
        fonts = scratch / "fonts.conf"
        fonts.write_text(_FONTS.format(installed / "fonts", scratch / "fonts"), encoding="utf-8")
        options = [
            # As root it starts only without its own sandbox; the pages are ours.
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--remote-debugging-pipe",
            f"--user-data-dir={scratch / 'profile'}",
        ]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _START, "sh", str(installed / "chromium"), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                "PATH": os.defpath,
                "HOME": str(scratch),
                "LD_LIBRARY_PATH": str(installed / "al2023" / "lib"),
                "FONTCONFIG_FILE": str(fonts),
            },
        )
        self._read = b""
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @contextmanager
    def tab(self, page: Path, *, width: int = 1000, dark: bool = False) -> Iterator[Tab]:
        """Open a page as a screen of this width shows it, in a tab of its own."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        tab = Tab(self, attached["sessionId"])
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=False,
        )
        tab.emulate("screen", dark=dark)
        tab.call("Network.enable")
        tab.call("Page.enable")
        # Without its policy, which would hide that a page wants to load something.
        tab.call("Page.setBypassCSP", enabled=True)
        tab.call("Emulation.setScriptExecutionDisabled", value=True)
        tab.call("Page.navigate", url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in tab.events):
            self.receive(tab.events)
        yield tab
        self.call("Target.closeTarget", targetId=target)

    def call(
        self,
        method: str,
        /,
        *,
        session: dict[str, str] | None = None,
        events: list[dict[str, Any]] | None = None,
        **params: object,
    ) -> dict[str, Any]:
        """Call a method, and keep the events until its answer."""
        assert self._process.stdin
        self._calls += 1
        call = {"id": self._calls, "method": method, "params": params} | (session or {})
        self._process.stdin.write(json.dumps(call).encode() + b"\0")
        self._process.stdin.flush()
        while (answer := self.receive(events)).get("id") != self._calls:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def receive(self, events: list[dict[str, Any]] | None) -> dict[str, Any]:
        """Return the next message, and keep it if it is an event."""
        assert self._process.stdout
        while b"\0" not in self._read:
            more = os.read(self._process.stdout.fileno(), 1 << 20)
            assert more, "Chromium ended; its messages are above"
            self._read += more
        line, _, self._read = self._read.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message and events is not None:
            events.append(message)
        return message


@dataclass(frozen=True, slots=True)
class Tab:
    """A page in Chromium; its own scripts are off."""

    chromium: Chromium
    session: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        session = {"sessionId": self.session}
        return self.chromium.call(method, session=session, events=self.events, **params)

    def emulate(self, media: str, *, dark: bool) -> None:
        """Show the page on a screen or as printed, to a reader who likes it light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def requests(self) -> list[str]:
        """Return the addresses that the page wanted."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - what the script returns
        """Run a script of the tests in the page."""
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self) -> bytes:
        """Return the whole page as PNG."""
        return b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def print(self) -> bytes:
        """Return the page as PDF."""
        return b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])
