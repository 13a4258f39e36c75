import unittest

from test_library import SAMPLE
from wit_world.exports.cookbook import Item

import shopping


class Shopping(unittest.TestCase):
    def test_the_same_thing_of_two_recipes_is_added_up(self):
        recipes = [SAMPLE.recipe("pancakes"), SAMPLE.recipe("apple-crumble")]
        items = shopping.items(recipes, people=4)
        self.assertIn(Item("flour", "400 g"), items)
        self.assertIn(Item("butter", "140 g"), items)
        self.assertEqual(items[0], Item("apples", "6"))

    def test_what_nobody_measures_is_bought_once(self):
        recipes = [SAMPLE.recipe("pancakes"), SAMPLE.recipe("pea-soup")]
        items = shopping.items(recipes, people=2)
        self.assertEqual(
            [item for item in items if item.name == "salt"], [Item("salt", "")]
        )
