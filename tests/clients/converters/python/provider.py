"""Stands in for a model provider: keeps the last request that a library sends, and answers that nothing is left to do."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "answers.json").read_text())


def no_answer(path: str) -> dict[str, Any]:
    return {"error": {"message": f"no answer for {path}"}}


def events(message: dict[str, Any]) -> bytes:
    """Writes a message of Anthropic's API as the stream that pydantic-ai asks for."""
    block = message["content"][0]
    parts = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {**block, "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": block["text"]}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": message["usage"]},
        {"type": "message_stop"},
    ]
    return "".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n" for part in parts).encode()


class Provider:
    """A provider on a free port. `take` returns the last request's body, once."""

    def __init__(self) -> None:
        self.last: dict[str, Any] | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self) -> dict[str, Any] | None:
        body, self.last = self.last, None
        return body

    def handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's own `self` is another one
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                path = self.path.split("?")[0]
                provider.last = json.loads(self.rfile.read(int(self.headers["content-length"])))
                answer = next((answer for ending, answer in ANSWERS.items() if path.endswith(ending)), None)
                streamed = bool(answer) and bool(provider.last.get("stream"))
                body = events(answer) if streamed else json.dumps(answer or no_answer(path)).encode()
                self.send_response(200 if answer else 404)
                self.send_header("content-type", "text/event-stream" if streamed else "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
