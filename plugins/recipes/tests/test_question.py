import unittest
from unittest import mock

from test_library import SAMPLE
from wit_world.exports.cookbook import Plan_Cancelled, Plan_Declined
from wit_world.imports import ask

import question


def answering(answer):
    """Has the user answer every form; what was asked is in the calls of the mock."""
    return mock.patch.object(ask, "form", return_value=answer)


class Questions(unittest.TestCase):
    def test_every_recipe_can_be_chosen(self):
        entered = [
            ("recipes", ask.Value_Choices(["pancakes"])),
            ("people", ask.Value_Integer(3)),
        ]
        with answering(ask.FormAnswer_Accepted(entered)) as form:
            self.assertEqual(
                question.meals(SAMPLE.recipes(), ["pea-soup"]), (["pancakes"], 3)
            )
        _, _, (which, _) = form.call_args.args
        self.assertEqual(len(which.kind.value.choices), 3)
        self.assertEqual(which.kind.value.default, ["pea-soup"])

    def test_nothing_has_to_be_at_home(self):
        with answering(ask.FormAnswer_Accepted([])):
            self.assertEqual(question.at_home([]), [])

    def test_a_no_and_going_away_are_told_apart(self):
        for answer, plan in [
            (ask.FormAnswer_Declined(), Plan_Declined()),
            (ask.FormAnswer_Cancelled(), Plan_Cancelled()),
        ]:
            with answering(answer), self.assertRaises(question.Refused) as refused:
                question.at_home([])
            self.assertEqual(refused.exception.plan, plan)
