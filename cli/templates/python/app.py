"""Splits a restaurant bill. wit/world.wit is the contract of the tool."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.tools import Share, SplitError_NoGuests, SplitError_TooLarge

LARGEST_BILL = 2**32 - 1


class Tools(exports.Tools):
    def split_bill(self, total: int, guests: int, tip: int) -> Share:
        if guests == 0:
            raise Err(SplitError_NoGuests())
        total += total * tip // 100
        if total > LARGEST_BILL:
            raise Err(SplitError_TooLarge(LARGEST_BILL))
        each, rest = divmod(total, guests)
        return Share(each, rest)
