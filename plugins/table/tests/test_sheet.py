import unittest

from componentize_py_types import Err
from wit_world.exports import tables

import sheet


class Reading(unittest.TestCase):
    def read_fails(self, text, error):
        with self.assertRaises(Err) as raised:
            sheet.read(text)
        self.assertEqual(raised.exception.value, error)

    def test_the_delimiter_is_the_one_that_the_first_line_has_most_of(self):
        for text in [
            "a,b\n1,2",
            "a;b\n1;2",
            "a\tb\n1\t2",
            "a|b\n1|2",
            "\ufeffa,b\r\n1,2\r\n",
        ]:
            read = sheet.read(text)
            self.assertEqual(
                (read.columns, read.rows), (["a", "b"], [["1", "2"]]), text
            )

    def test_cells_may_be_quoted(self):
        read = sheet.read('a,b\n"1,5","say ""hi""\nthere"\n')
        self.assertEqual(read.rows, [["1,5", 'say "hi"\nthere']])

    def test_lines_without_cells_are_passed_over(self):
        self.assertEqual(sheet.read("\na\n\n1\n\n2\n\n").rows, [["1"], ["2"]])

    def test_a_text_needs_columns(self):
        for text in ["", "\n\n", ",,\n1,2,3"]:
            self.read_fails(text, tables.TableError_NoColumns())

    def test_columns_are_few_enough_to_be_described(self):
        error = tables.TableError_TooManyColumns(sheet.MOST_COLUMNS)
        self.read_fails(",".join(map(str, range(sheet.MOST_COLUMNS + 1))), error)

    def test_columns_have_names_of_their_own(self):
        self.read_fails("a,b,a\n", tables.TableError_RepeatedColumn("a"))

    def test_an_uneven_line_is_named_by_its_number(self):
        self.read_fails("a,b\n1,2\n\n3\n", tables.TableError_UnevenLine(4))

    def test_a_quote_that_is_not_closed_is_found(self):
        self.read_fails('a,b\n1,"2\n', tables.TableError_MisplacedQuote(2))
        self.read_fails('a,b\n1,"2"3\n', tables.TableError_MisplacedQuote(2))


class Numbers(unittest.TestCase):
    def test_only_finite_decimals_are_numbers(self):
        for cell in ["0", "-1", "+2.5", ".5", "1.", "1e3", "-2E-7"]:
            self.assertTrue(sheet.is_number(cell), cell)
        for cell in [
            "",
            "nan",
            "inf",
            "1e400",
            "1e101",
            "1_000",
            "0x1",
            "1,5",
            "٣",
            "1 2",
        ]:
            self.assertFalse(sheet.is_number(cell), cell)

    def test_a_column_of_numbers_may_have_empty_cells(self):
        read = sheet.read("a,b\n1,\n2,\n")
        self.assertTrue(read.is_numeric("a"))
        self.assertFalse(read.is_numeric("b"))
        self.assertEqual(sheet.read("a,b\n1,x\n,y\n").numbers("a"), [1.0, None])

    def test_an_unknown_column_is_answered_with_those_there_are(self):
        with self.assertRaises(Err) as raised:
            sheet.read("a,b\n").cells("c")
        error = tables.TableError_UnknownColumn(["a", "b"])
        self.assertEqual(raised.exception.value, error)
