"""Checks the reading policy of template.yaml, and toolcell's client of S3, against moto: an S3 server that verifies
signatures and decides by IAM policies, and that others have written. Part of `make soak`.

TOOLCELL names the command. https://docs.getmoto.org/en/latest/docs/iam.html
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/sam"))

from stack import REGION, stack  # noqa: E402

TOOLCELL = os.environ["TOOLCELL"]
BUCKET, OTHER_BUCKET, PREFIX = "plugins-of-a-test", "another-bucket-of-a-test", "team/a"
ACCOUNT = "123456789012"

# Installing takes minutes, starting a second, or several on a busy machine.
PATIENCE_SECONDS = 60

# Moto asks for no signature in as many requests. The set-up ends with a request that sets the number to zero.
FREE_REQUESTS = "1000"


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(what: str, ask: Callable[[], Any]) -> Any:
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen")


def listens(port: int) -> bool:
    """Reports whether somebody listens on a port."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


class Moto:
    """A running moto with a bucket, a publisher, and the role of template.yaml."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        environment = {"PATH": os.environ["PATH"], "INITIAL_NO_AUTH_ACTION_COUNT": FREE_REQUESTS}
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)

    def prepare(self) -> None:
        """Makes buckets, user and role, and turns on what decides by them."""
        eventually("moto", lambda: listens(self.port))
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}
        s3, iam = self.client("s3", nobody), self.client("iam", nobody)
        for bucket in (BUCKET, OTHER_BUCKET):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.publisher = user(iam)
        create_role(iam)
        trusted = self.client("sts", nobody).assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/function", RoleSessionName="toolcell"
        )["Credentials"]
        self.function = {
            "aws_access_key_id": trusted["AccessKeyId"],
            "aws_secret_access_key": trusted["SecretAccessKey"],
            "aws_session_token": trusted["SessionToken"],
        }
        # From now on every request needs a signature, and a policy that allows it.
        text = {"content-type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/moto-api/reset-auth", b"0", text)).close()

    def client(self, service: str, credentials: dict[str, str]) -> Any:
        """Makes a client that asks once."""
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        endpoint = self.endpoint
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION, config=config, **credentials)

    def variables(self, credentials: dict[str, str]) -> dict[str, str]:
        """Returns the environment of a command with these credentials."""
        names = {name.upper(): value for name, value in credentials.items()}
        return {"PATH": os.environ["PATH"], "AWS_REGION": REGION, "AWS_ENDPOINT_URL_S3": self.endpoint} | names

    def stop(self) -> None:
        """Ends the server."""
        self.process.terminate()
        self.process.wait()


def user(iam: Any) -> dict[str, str]:
    """Makes the user who publishes: docs/publishing.md lists what it needs."""
    iam.create_user(UserName="publisher")
    objects, bucket = f"arn:aws:s3:::{BUCKET}/{PREFIX}/*", f"arn:aws:s3:::{BUCKET}"
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": objects},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="publisher", PolicyName="publish", PolicyDocument=policy)
    key = iam.create_access_key(UserName="publisher")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def create_role(iam: Any) -> None:
    """Makes the function's role, with the policies that template.yaml gives it."""
    role = stack(PluginBucket=BUCKET, PluginPrefix=PREFIX).only("AWS::IAM::Role")
    trust = json.dumps(role["AssumeRolePolicyDocument"])
    iam.create_role(RoleName="function", AssumeRolePolicyDocument=trust)
    values = {
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "LogGroup": "/aws/lambda/toolcell",
        "PluginBucket": BUCKET,
        "PluginPrefix": PREFIX,
    }
    for policy in role["Policies"]:
        document = json.dumps(substituted(policy["PolicyDocument"], values))
        iam.put_role_policy(RoleName="function", PolicyName=policy["PolicyName"], PolicyDocument=document)


def substituted(value: Any, values: dict[str, str]) -> Any:
    """Replaces Fn::Sub as a deployment does."""
    match value:
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([^}]+)\}", lambda name: values[name[1]], text)
        case dict():
            return {key: substituted(inner, values) for key, inner in value.items()}
        case list():
            return [substituted(inner, values) for inner in value]
    return value


class Served:
    """A running `toolcell serve` that follows releases with the function's role."""

    def __init__(self, folder: Path, place: str, public: str, variables: dict[str, str]) -> None:
        self.port = free_port()
        self.log = folder / f"serve-{self.port}.log"
        command = [TOOLCELL, "serve", "--bundle", place, "--package", str(folder / "package/bundle")]
        command += ["--listen", f"127.0.0.1:{self.port}"]
        with self.log.open("w") as log:
            environment = variables | {"TOOLCELL_RELEASE_KEYS": public}
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        eventually("toolcell serve", lambda: listens(self.port))

    def call(self, text: str) -> tuple[int, dict]:
        """Calls make_slug; returns the status and the message."""
        params = {"name": "make_slug", "arguments": {"text": text}}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        headers["mcp-protocol-version"] = "2025-11-25"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/mcp", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def stop(self) -> str:
        """Ends the server and returns its log."""
        self.process.terminate()
        self.process.wait()
        return self.log.read_text()


class ReadingPolicy(unittest.TestCase):
    """The role of template.yaml may read one prefix of one bucket."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.stop)
        cls.moto.prepare()
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.folder = Path(directory.name)
        cls.publish()

    @classmethod
    def publish(cls) -> None:
        """Makes a key and a package, and publishes the plugin `text`, all of it with the command."""
        folder = cls.folder
        (folder / "package").mkdir()
        (folder / "package/toolcell.toml").write_text('[releases]\ncheck = "1 s"\n')
        (folder / "toolcell.toml").write_text(f'[plugins.text]\nsource = "{ROOT}/plugins/text"\n')
        cls.public = cls.run_command("keygen", "ci", "--out", "ci.key").strip()
        cls.run_command("build", "--config", "package/toolcell.toml", "--target", "host", "--out", "package/bundle")
        place = f"s3://{BUCKET}/{PREFIX}"
        cls.run_command("publish", "--to", place, "--key", "ci.key", "--target", "host", "--prebuilt")
        cls.run_command("verify", place, "--public", cls.public)

    @classmethod
    def run_command(cls, *words: str) -> str:
        """Runs a command as the publisher, and returns what it prints."""
        variables = cls.moto.variables(cls.moto.publisher) | {"HOME": str(cls.folder)}
        ran = subprocess.run([TOOLCELL, *words], cwd=cls.folder, env=variables, capture_output=True, text=True)
        assert ran.returncode == 0, f"{words}: {ran.stderr}"
        return ran.stdout

    def refused(self, ask: Callable[..., Any], **arguments: Any) -> None:
        """Checks that a request is refused because of the policy."""
        with self.assertRaises(ClientError) as refused:
            ask(**arguments)
        self.assertEqual(refused.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403, arguments)
        self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied", arguments)

    def test_the_role_reads_the_prefix_and_does_nothing_else(self) -> None:
        s3 = self.moto.client("s3", self.moto.function)
        index = s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}/index.json")["Body"].read()
        self.assertIn(b"payload", index)
        for key in ["index.json", "team/index.json", "team/ab/index.json", "team/b/index.json"]:
            self.refused(s3.get_object, Bucket=BUCKET, Key=key)
        self.refused(s3.get_object, Bucket=OTHER_BUCKET, Key=f"{PREFIX}/index.json")
        self.refused(s3.list_objects_v2, Bucket=BUCKET, Prefix=PREFIX)
        self.refused(s3.put_object, Bucket=BUCKET, Key=f"{PREFIX}/index.json", Body=b"")
        self.refused(s3.put_object, Bucket=BUCKET, Key=f"{PREFIX}/new", Body=b"")
        self.refused(s3.delete_object, Bucket=BUCKET, Key=f"{PREFIX}/index.json")
        self.refused(s3.create_bucket, Bucket="new-bucket-of-a-test")
        self.refused(self.moto.client("iam", self.moto.function).list_users)
        self.assertEqual(s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}/index.json")["Body"].read(), index)

    def test_moto_does_verify_signatures(self) -> None:
        wrong = self.moto.function | {"aws_secret_access_key": "wrong"}
        with self.assertRaises(ClientError) as refused:
            self.moto.client("s3", wrong).get_object(Bucket=BUCKET, Key=f"{PREFIX}/index.json")
        self.assertEqual(refused.exception.response["Error"]["Code"], "SignatureDoesNotMatch")

    def test_a_server_with_the_role_serves_the_release(self) -> None:
        place, variables = f"s3://{BUCKET}/{PREFIX}", self.moto.variables(self.moto.function)
        served = Served(self.folder, place, self.public, variables)
        self.addCleanup(served.stop)
        status, message = served.call("Grüße aus Köln")
        self.assertEqual((status, message["result"]["content"][0]["text"]), (200, "gruesse-aus-koeln"))
        (self.folder / "toolcell.toml").write_text(
            f'[server]\ninstructions = "second"\n[plugins.text]\nsource = "{ROOT}/plugins/text"\n'
        )
        self.run_command("publish", "--to", place, "--key", "ci.key", "--target", "host", "--prebuilt")

        def adopted() -> bool:
            self.assertEqual(served.call("a")[0], 200)
            return served.log.read_text().count("a release is adopted") == 2

        eventually("the second release", adopted)

    def test_a_server_that_is_denied_the_bucket_serves_nothing_and_says_why(self) -> None:
        variables = self.moto.variables(self.moto.function)
        served = Served(self.folder, f"s3://{BUCKET}/team/b", self.public, variables)
        self.addCleanup(served.stop)
        status, message = served.call("a")
        self.assertEqual((status, message["error"]["code"]), (503, -32603))
        self.assertIn("s3:GetObject", served.log.read_text())


if __name__ == "__main__":
    unittest.main()
