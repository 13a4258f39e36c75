import unittest
from fractions import Fraction

from amount import Amount


class Amounts(unittest.TestCase):
    def test_amounts_are_read_as_cooks_write_them(self):
        for text, number, unit in [
            ("6", Fraction(6), ""),
            ("150 g", Fraction(150), "g"),
            ("1.5 kg", Fraction(3, 2), "kg"),
            ("1/2 tsp", Fraction(1, 2), "tsp"),
            ("1 1/2 tbsp", Fraction(3, 2), "tbsp"),
            ("12 large leaves", Fraction(12), "large leaves"),
        ]:
            self.assertEqual(Amount.read(text), Amount(number, unit), text)

    def test_what_nobody_measures_has_no_amount(self):
        for text in ["", "a pinch", "0 g", "1/0", "2x3"]:
            self.assertIsNone(Amount.read(text), text)

    def test_amounts_are_written_in_parts_or_decimals(self):
        for text, people, serves, written in [
            ("6", 3, 4, "4 1/2"),
            ("1/2 tsp", 3, 4, "3/8 tsp"),
            ("1/8 tsp", 1, 100, "1/8 tsp"),
            ("100 g", 1, 3, "33.33 g"),
            ("3/4 l", 4, 2, "1.5 l"),
            ("2", 1, 1, "2"),
        ]:
            amount = Amount.read(text).for_people(people, serves)
            self.assertEqual(str(amount), written, text)
