"""A check of a call that says nothing until its end (../../proxies)."""

import os

from story import Check, Driver
from story.expecting import equal, text


async def waits_for_a_call_that_says_nothing(client: Driver) -> None:
    milliseconds = int(os.environ["QUIET_SECONDS"]) * 1000
    equal(text(await client.call_tool("sleep", {"milliseconds": milliseconds})), "slept")


CHECKS: list[Check] = [waits_for_a_call_that_says_nothing]
