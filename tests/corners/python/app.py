"""What a call may come to: modules that it imports late, a network that is not there, errors that nothing catches."""

import datetime
import urllib.error
from importlib import import_module

import shelf
from componentize_py_types import Err
from wit_world import exports


class Tools(exports.Tools):
    def late(self, name: str) -> str:
        return import_module(name).__name__

    def helper(self) -> str:
        import helper

        return helper.greet()

    def encode(self, text: str, encoding: str) -> str:
        return text.encode(encoding).hex()

    def year(self, date: str) -> int:
        return datetime.datetime.strptime(date, "%d %b %Y").year

    def open(self, url: str) -> str:
        from urllib.request import urlopen

        return urlopen(url).read().decode()

    def try_open(self, url: str) -> str:
        try:
            return self.open(url)
        except urllib.error.URLError as error:
            raise Err(str(error)) from None

    def divide(self, number: int, by: int) -> int:
        return number // by
