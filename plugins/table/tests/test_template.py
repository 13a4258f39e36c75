import unittest

from componentize_py_types import Err
from wit_world.exports import tables
from wit_world.exports.tables import Format

import sheet
import template

SHEET = sheet.read("name,unit price,stock\nTea,2.50,3\n<Mug>,12,\n")


def render(source, format=Format.TEXT):
    return template.render(source, SHEET, format)


class Rendering(unittest.TestCase):
    def render_fails(self, source, error):
        with self.assertRaises(Err) as raised:
            render(source)
        self.assertEqual(raised.exception.value, error)

    def fault(self, source):
        with self.assertRaises(Err) as raised:
            render(source)
        self.assertIsInstance(raised.exception.value, tables.TableError_BadTemplate)
        return raised.exception.value.value

    def test_rows_are_reached_by_the_names_of_columns(self):
        source = (
            "{% for row in rows %}\n{{ loop.index }} {{ row.name }}\n{% endfor %}\n"
        )
        self.assertEqual(render(source), "1 Tea\n2 <Mug>\n")
        self.assertEqual(render("{{ columns | join('+') }}"), "name+unit price+stock")

    def test_cells_of_columns_of_numbers_are_numbers(self):
        self.assertEqual(render("{{ rows | sum('unit price') }}"), "14.5")
        self.assertEqual(render("{{ rows[1].stock is none }}"), "True")
        self.assertEqual(render("{{ rows[0].stock * 2 }}"), "6")

    def test_values_are_no_markup(self):
        source = "<b>{{ rows[1].name }}</b>"
        self.assertEqual(render(source), "<b><Mug></b>")
        self.assertEqual(render(source, Format.HTML), "<b>&lt;Mug&gt;</b>")

    def test_a_fault_is_found_where_it_is(self):
        self.assertEqual(self.fault("a\n{% for %}").line, 2)
        self.assertEqual(self.fault("a\nb\n{{ rows[0].cost }}").line, 3)
        self.assertEqual(self.fault("\n{{ rows[9] }}").line, 2)
        self.assertEqual(self.fault("{{ 1 / 0 }}").message, "division by zero")

    def test_filters_that_load_modules_late_are_there(self):
        self.assertEqual(render("{{ 'a b' | wordwrap(1) }}"), "a\nb")
        self.assertEqual(render("{{ [1] | pprint }}"), "[1]")
        self.assertIn("<p>", render("{{ lipsum(n=1) }}"))

    def test_python_is_out_of_reach(self):
        for source in [
            "{{ rows.__class__ }}",
            "{{ ''.__class__.__mro__ }}",
            "{{ rows._sheet }}",
            "{{ cycler.__init__.__globals__ }}",
        ]:
            self.fault(source)

    def test_documents_end(self):
        error = tables.TableError_TooLong(template.LONGEST_DOCUMENT)
        self.render_fails("{% for i in range(99999) %}0123456789ab{% endfor %}", error)
        self.render_fails("{{ 'a' * 2000000 }}", error)
