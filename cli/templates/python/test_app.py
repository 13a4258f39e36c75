import unittest

from componentize_py_types import Err
from wit_world.exports.tools import Share, SplitError_NoGuests, SplitError_TooLarge

from app import LARGEST_BILL, Tools


class SplitBill(unittest.TestCase):
    def test_the_rest_is_what_no_equal_share_can_hold(self):
        self.assertEqual(Tools().split_bill(1000, 3, 0), Share(each=333, rest=1))

    def test_fractions_of_a_cent_are_dropped(self):
        self.assertEqual(Tools().split_bill(999, 1, 10), Share(each=1098, rest=0))

    def test_a_bill_needs_guests(self):
        with self.assertRaises(Err) as raised:
            Tools().split_bill(1000, 0, 0)
        self.assertEqual(raised.exception.value, SplitError_NoGuests())

    def test_a_bill_that_no_share_can_hold_is_refused(self):
        with self.assertRaises(Err) as raised:
            Tools().split_bill(LARGEST_BILL, 1, 1)
        self.assertEqual(raised.exception.value, SplitError_TooLarge(LARGEST_BILL))


if __name__ == "__main__":
    unittest.main()
