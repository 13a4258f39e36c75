"""What the user is asked, and what an answer means."""

from collections.abc import Iterable

from wit_world.exports.cookbook import Item, Plan_Cancelled, Plan_Declined
from wit_world.imports import ask
from wit_world.imports.ask import (
    Choice,
    ChoicesField,
    Field,
    FieldKind_Choices,
    FieldKind_Integer,
    FormAnswer_Accepted,
    FormAnswer_Declined,
    IntegerField,
)

from library import Recipe

MOST_PEOPLE = 100


class Refused(Exception):
    """The user does not want to go on."""

    def __init__(self, plan: Plan_Declined | Plan_Cancelled):
        self.plan = plan


def meals(recipes: Iterable[Recipe], chosen: list[str]) -> tuple[list[str], int]:
    """Asks which recipes will be cooked, and for how many people; some are chosen already."""
    choices = [Choice(recipe.name, recipe.title) for recipe in recipes]
    which = ChoicesField(choices, min_items=1, max_items=None, default=chosen)
    people = IntegerField(minimum=1, maximum=MOST_PEOPLE, default=2)
    answer = form(
        "meals",
        "What will you cook?",
        [
            Field("recipes", "Recipes", None, True, FieldKind_Choices(which)),
            Field("people", "People who eat", None, True, FieldKind_Integer(people)),
        ],
    )
    return answer["recipes"], answer["people"]


def at_home(items: Iterable[Item]) -> list[str]:
    """Asks what need not be bought."""
    choices = [
        Choice(name, None) for name in dict.fromkeys(item.name for item in items)
    ]
    which = ChoicesField(choices, min_items=None, max_items=None, default=[])
    field = Field("things", "At home already", None, False, FieldKind_Choices(which))
    return form("at-home", "What need you not buy?", [field]).get("things", [])


def form(key: str, message: str, fields: list[Field]) -> dict[str, object]:
    """Shows a form and gives what was entered, by the names of the fields."""
    match ask.form(key, message, fields):
        case FormAnswer_Accepted(values):
            return {name: value.value for name, value in values}
        case FormAnswer_Declined():
            raise Refused(Plan_Declined())
        case _:
            raise Refused(Plan_Cancelled())
