"""Serves the minimal cases of minimal.json, each as one tool, so that a client's fault is shown without toolcell."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "minimal.json").read_text())
TOOLS = [
    {"name": f"case_{number}", "description": "A minimal case.", "inputSchema": case["inputSchema"]}
    for number, case in enumerate(CASES)
]


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "initialize":
        server = {"name": "minimal", "version": "1.0.0"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": server}
    return {"tools": TOOLS} if method == "tools/list" else {}


class Handler(BaseHTTPRequestHandler):
    """Speaks the least of Streamable HTTP with which clients list tools."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = message.get("method") in ("initialize", "tools/list", "ping")
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message.get("id")}
        if known:
            reply["result"] = answer(message["method"], message.get("params") or {})
        else:
            reply["error"] = {"code": -32601, "message": "unknown method"}
        self.say(202 if "id" not in message else 200, json.dumps(reply).encode() if "id" in message else b"")

    def do_GET(self) -> None:
        self.say(405, b"")

    do_DELETE = do_GET

    def say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Says nothing of a client that closes a connection."""


def serve() -> str:
    """Starts the server in the background and returns its URL."""
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/mcp"
