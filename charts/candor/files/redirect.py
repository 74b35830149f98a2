"""Send everybody to the same path of the product's own address, which is the first argument."""
# ruff: noqa: INP001 (a pod is given this file's text)

import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from urllib.parse import quote


class Redirect(BaseHTTPRequestHandler):
    """Answers every request with 308, by which its method and body stay."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def redirect(self) -> None:
        """Send to the path that was asked for; say to those who probe that all is well."""
        if self.path == "/healthz":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        # No character may begin another host or another line.
        path = "/" + quote(self.path.lstrip("/\\"), safe="/?&=%:;,+!$'()*@~-._")
        self.send_response(308)
        self.send_header("Location", sys.argv[1] + path)
        self.send_header("Content-Length", "0")
        # A body that was sent is not read: the next request cannot follow it.
        self.send_header("Connection", "close")
        self.end_headers()

    # http.server looks for these names.
    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = redirect  # noqa: N815 (its names)


def main() -> None:
    """Serve on port 8000 until SIGTERM."""
    server = ThreadingHTTPServer(("", 8000), Redirect)

    def end(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    server.serve_forever()


if __name__ == "__main__":
    main()
