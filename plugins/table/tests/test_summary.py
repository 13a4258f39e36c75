import unittest

from componentize_py_types import Err
from wit_world.exports import tables
from wit_world.exports.tables import Occurrence

import sheet
import summary

CITIES = sheet.read("""\
city,country,people
Paris,France,2103778
Lyon,France,519127
Cologne,Germany,1087353
Bonn,Germany,
""")


class Describing(unittest.TestCase):
    def test_every_column_is_described(self):
        described = summary.describe(CITIES)
        city, country, people = described.columns
        self.assertEqual((described.rows, city.filled, city.distinct), (4, 4, 4))
        self.assertEqual(
            country.most_common, [Occurrence("France", 2), Occurrence("Germany", 2)]
        )
        self.assertIsNone(country.statistics)
        self.assertEqual((people.filled, people.statistics.maximum), (3, 2103778))

    def test_statistics_of_a_few_numbers(self):
        found = summary.summarize([4.0, 1.0, None, 3.0, 2.0])
        self.assertEqual((found.sum, found.mean, found.median), (10, 2.5, 2.5))
        self.assertEqual((found.lower_quartile, found.upper_quartile), (1.75, 3.25))
        self.assertAlmostEqual(found.standard_deviation, 1.2909944)

    def test_a_single_number_is_not_spread(self):
        found = summary.summarize([7.0])
        self.assertEqual((found.lower_quartile, found.median), (7, 7))
        self.assertIsNone(found.standard_deviation)

    def test_nothing_has_no_statistics(self):
        self.assertIsNone(summary.summarize([None]))


class Grouping(unittest.TestCase):
    def test_groups_come_in_the_order_of_their_first_row(self):
        france, germany = summary.group(CITIES, "country", "people")
        self.assertEqual((france.value, france.rows), ("France", 2))
        self.assertEqual(france.statistics.sum, 2622905)
        self.assertEqual((germany.rows, germany.statistics.mean), (2, 1087353))

    def test_words_are_no_numbers(self):
        with self.assertRaises(Err) as raised:
            summary.group(CITIES, "country", "city")
        error = tables.TableError_NotNumeric("Paris")
        self.assertEqual(raised.exception.value, error)


class Relating(unittest.TestCase):
    def test_the_line_that_fits_best(self):
        line = sheet.read("x,y\n1,3\n2,5\n3,7\n4,\n")
        self.assertEqual(
            summary.relate(line, "x", "y"), tables.Relation(3, 1.0, 2.0, 1.0)
        )

    def test_few_or_equal_numbers_cannot_be_compared(self):
        for text in ["x,y\n", "x,y\n1,2\n", "x,y\n1,2\n1,3\n", "x,y\n1,\n,2\n"]:
            with self.assertRaises(Err) as raised:
                summary.relate(sheet.read(text), "x", "y")
            self.assertEqual(
                raised.exception.value, tables.TableError_NothingToCompare()
            )
