"""Tells the story with one library: tell.py old|new LIBRARY URL"""

import asyncio
import sys

import libraries
from story import tell


async def main(age: str, name: str, url: str) -> None:
    async with getattr(libraries, name)(url) as library:
        await tell(f"{name}, {age}", library)


asyncio.run(main(*sys.argv[1:]))
