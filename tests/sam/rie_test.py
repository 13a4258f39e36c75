"""Runs the package in Amazon's own Runtime Interface Emulator, as a second opinion to our Lambda emulator.

Amazon's emulator is part of the SAM CLI. It takes events, not HTTP, and returns the stream of `bootstrap` byte for byte:
prelude, eight NUL bytes, body. tests/sam/check.sh builds the folder that SAM_BUILD names and runs this.

`cargo lambda watch` 1.9.2 cannot serve as a third opinion: its Runtime API has a path in front (AWS has host and port
alone), its deadlines are in 1970, and it answers the streamed response with 500, which both emulators accept.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import samcli

EMULATOR = Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
BOOTSTRAP = Path(os.environ["SAM_BUILD"], "ToolcellFunction/bootstrap").resolve()

SEPARATOR = bytes(8)

# Init and a call take milliseconds, or a few seconds on a busy machine.
PATIENCE_SECONDS = 30

ROLE = "arn:aws:sts::111122223333:assumed-role/Agent/session"


def event(body: str, **changes: object) -> dict:
    """Makes the event of a request to /mcp, as a Function URL with AuthType NONE does."""
    domain = "toolcell.lambda-url.eu-central-1.on.aws"
    http = {"method": "POST", "path": "/mcp", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": {
            "host": domain,
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2025-11-25",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "toolcell",
            "domainName": domain,
            "domainPrefix": "toolcell",
            "http": http,
            "requestId": "00000000-0000-4000-8000-000000000000",
            "routeKey": "$default",
            "stage": "$default",
            "time": "23/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1795392000000,
        },
        "body": body,
        "isBase64Encoded": False,
    } | changes


def signed(body: str) -> dict:
    """Makes the same event with AuthType AWS_IAM, after AWS has checked the signature."""
    asked = event(body)
    asked["requestContext"]["authorizer"] = {"iam": {"accountId": "111122223333", "userArn": ROLE}}
    return asked


def rpc(method: str, **params: object) -> str:
    """Makes a JSON-RPC request."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


SLUG = rpc("tools/call", name="make_slug", arguments={"text": "Crème brûlée, 2 ways"})


@dataclass(frozen=True)
class Answer:
    """The parts of the function's streamed answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @staticmethod
    def read(stream: bytes) -> Answer:
        prelude, separator, body = stream.partition(SEPARATOR)
        if not separator:
            raise AssertionError(f"no eight NUL bytes in {stream!r}")
        head = json.loads(prelude)
        return Answer(head["statusCode"], head["headers"], body)

    def result(self) -> dict:
        """Returns the result of the JSON-RPC response in the body."""
        return json.loads(self.body)["result"]


def free_address() -> str:
    """Returns a free address of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


class Emulated(unittest.TestCase):
    """Runs the package in the emulator, in one process for all tests of a class."""

    VARIABLES: dict[str, str] = {}

    @classmethod
    def setUpClass(cls) -> None:
        cls.address = free_address()
        cls.log = tempfile.TemporaryFile("w+")
        cls.addClassCleanup(cls.log.close)
        command = [EMULATOR, "--runtime-interface-emulator-address", cls.address]
        command += ["--runtime-api-address", free_address(), BOOTSTRAP]
        variables = {"AWS_LAMBDA_FUNCTION_TIMEOUT": str(PATIENCE_SECONDS), **cls.VARIABLES}
        cls.emulator = subprocess.Popen(command, env=variables, stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.stop)
        cls.wait()

    @classmethod
    def wait(cls) -> None:
        """Returns once the emulator listens."""
        host, port = cls.address.split(":")
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and cls.emulator.poll() is None:
            try:
                socket.create_connection((host, int(port))).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise AssertionError(f"the emulator does not listen:\n{cls.said()}")

    @classmethod
    def said(cls) -> str:
        """Returns the log of emulator and function."""
        cls.log.seek(0)
        return cls.log.read()

    @classmethod
    def stop(cls) -> None:
        cls.emulator.terminate()
        cls.emulator.wait(PATIENCE_SECONDS)

    def payload(self, asked: dict) -> bytes:
        url = f"http://{self.address}/2015-03-31/functions/function/invocations"
        request = urllib.request.Request(url, json.dumps(asked).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.read()

    def invoke(self, asked: dict) -> Answer:
        return Answer.read(self.payload(asked))


class Anonymous(Emulated):
    VARIABLES = {"TOOLCELL_ALLOW_ANONYMOUS": "true"}

    def test_it_lists_its_tools(self):
        answer = self.invoke(event(rpc("tools/list")))
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        self.assertIn("make_slug", [tool["name"] for tool in answer.result()["tools"]])

    def test_a_call_is_the_same_with_a_body_of_text_and_of_base64(self):
        encoded = event(base64.b64encode(SLUG.encode()).decode(), isBase64Encoded=True)
        for asked in [event(SLUG), encoded]:
            answer = self.invoke(asked)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.result(), {"content": [{"type": "text", "text": "creme-brulee-2-ways"}]})

    def test_a_call_that_speaks_before_it_ends_is_a_stream_of_events(self):
        call = rpc("tools/call", name="count_primes", arguments={"limit": 3_000_000}, _meta={"progressToken": "t"})
        answer = self.invoke(event(call))
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/event-stream"))
        data = [line[6:] for line in answer.body.decode().splitlines() if line.startswith("data: ")]
        *notifications, response = map(json.loads, data)
        self.assertIn("notifications/progress", [notification["method"] for notification in notifications])
        self.assertEqual(response["result"]["structuredContent"]["count"], 216_816)

    def test_a_notification_is_answered_202_and_nothing(self):
        answer = self.invoke(event('{"jsonrpc":"2.0","method":"notifications/initialized"}'))
        self.assertEqual((answer.status, answer.body), (202, b""))

    def test_an_event_that_is_no_request_is_refused_and_the_next_one_served(self):
        for asked in [{"Records": []}, json.loads(SLUG)]:
            self.assertEqual(json.loads(self.payload(asked))["errorType"], "Toolcell.EventRefused")
        self.assertEqual(self.invoke(event(SLUG)).status, 200)


class OtherEdges(Emulated):
    VARIABLES = {"TOOLCELL_ALLOW_ANONYMOUS": "true", "TOOLCELL_EDGES": "http-api,direct"}

    def test_an_http_api_gets_a_document(self):
        asked = event(SLUG)
        asked["requestContext"] |= {"domainName": "toolcell.execute-api.eu-central-1.amazonaws.com", "stage": "prod"}
        document = json.loads(self.payload(asked | {"rawPath": "/prod/mcp"}))
        self.assertEqual((document["statusCode"], document["isBase64Encoded"]), (200, False))
        self.assertIn("creme-brulee-2-ways", document["body"])

    def test_a_message_gets_a_message(self):
        self.assertIn("result", json.loads(self.payload(json.loads(SLUG))))

    def test_the_url_is_refused_as_http(self):
        self.assertEqual(self.invoke(event(SLUG)).status, 403)


class Identified(Emulated):
    VARIABLES = {"TOOLCELL_AUTH_TYPE": "AWS_IAM"}

    def test_a_request_without_an_identity_is_refused(self):
        for request in [rpc("tools/list"), SLUG]:
            answer = self.invoke(event(request))
            self.assertEqual(answer.status, 401)
            self.assertIn("error", json.loads(answer.body))

    def test_a_caller_whose_signature_aws_has_checked_is_served(self):
        self.assertEqual(self.invoke(signed(SLUG)).status, 200)


if __name__ == "__main__":
    unittest.main()
