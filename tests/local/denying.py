"""An AWS that refuses: the embedded one enforces no rights, so this stands in front of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

_MESSAGE = "not authorized to perform this"


@contextmanager
def denying(upstream: str, allowed_targets: tuple[str, ...] = ()) -> Iterator[str]:
    """Answer every request as AWS answers one without rights, for the length of a block.

    Args:
        upstream: the URL of the AWS behind it.
        allowed_targets: starts of the X-Amz-Target of requests that are passed on.

    Yields:
        The URL to use instead.
    """
    pool = urllib3.PoolManager()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            target = self.headers.get("X-Amz-Target", "")
            if target.startswith(allowed_targets):
                answer = pool.request(
                    self.command, upstream + self.path, body=body, headers=dict(self.headers)
                )
                self.reply(answer.status, answer.headers["Content-Type"], answer.data)
            elif "s3" in self.headers.get("Authorization", "").partition("/aws4_request")[0]:
                text = f"<Error><Code>AccessDenied</Code><Message>{_MESSAGE}</Message></Error>"
                self.reply(403, "application/xml", text.encode())
            else:
                text = f'{{"__type": "AccessDeniedException", "message": "{_MESSAGE}"}}'
                self.reply(403, "application/x-amz-json-1.1", text.encode())

        def reply(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("x-amzn-ErrorType", "AccessDeniedException" if status == 403 else "")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    for method in ("GET", "POST", "PUT", "HEAD", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        pool.clear()
