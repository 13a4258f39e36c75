import contextlib
import io
import tempfile
import unittest
from pathlib import Path

from library import Library

SAMPLE = Library(Path(__file__).parent.parent / "sample-data")


class Recipes(unittest.TestCase):
    def test_every_file_of_the_sample_is_a_recipe(self):
        names = [recipe.name for recipe in SAMPLE.recipes()]
        self.assertEqual(names, ["apple-crumble", "pancakes", "pea-soup"])

    def test_ingredients_are_found_by_words_in_any_case(self):
        soup = SAMPLE.recipe("pea-soup")
        self.assertTrue(soup.has("Peas"))
        self.assertFalse(soup.has("flour"))

    def test_a_name_that_leads_elsewhere_is_no_recipe(self):
        for name in [
            "",
            "no-such",
            "../library",
            "/etc/passwd",
            "a/b",
            "pea-soup.toml",
        ]:
            self.assertIsNone(SAMPLE.recipe(name), name)

    def test_a_file_that_is_no_recipe_takes_no_other_away(self):
        with tempfile.TemporaryDirectory() as folder:
            sample = SAMPLE.folder / "pancakes.toml"
            (Path(folder) / "good.toml").write_bytes(sample.read_bytes())
            (Path(folder) / "broken.toml").write_text("title = ")
            (Path(folder) / "other.toml").write_text('title = "No recipe"')
            with contextlib.redirect_stderr(io.StringIO()) as log:
                names = [recipe.name for recipe in Library(Path(folder)).recipes()]
        self.assertEqual(names, ["good"])
        self.assertIn("broken.toml is no recipe", log.getvalue())
