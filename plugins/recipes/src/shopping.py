"""What to buy."""

from collections.abc import Iterable
from operator import itemgetter

from wit_world.exports.cookbook import Item

from amount import Amount
from library import Recipe


def items(recipes: Iterable[Recipe], people: int) -> list[Item]:
    """Everything that goes into recipes; the same thing, measured alike, is added up."""
    amounts: dict[tuple[str, str], Amount | None] = {}
    for recipe in recipes:
        for name, text in recipe.ingredients.items():
            amount = Amount.read(text)
            if amount is None:
                amounts.setdefault((name, ""), None)
                continue
            amount = amount.for_people(people, recipe.serves)
            if before := amounts.get((name, amount.unit)):
                amount = Amount(before.number + amount.number, amount.unit)
            amounts[name, amount.unit] = amount
    return [
        Item(name, str(amount or ""))
        for (name, _), amount in sorted(amounts.items(), key=itemgetter(0))
    ]
