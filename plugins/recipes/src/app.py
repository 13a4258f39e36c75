"""A cookbook. The contract of every function is in wit/world.wit."""

from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.completion import Proposals, Reference, Reference_Prompt
from wit_world.exports.cookbook import (
    Found,
    Plan,
    Plan_NeedsChoice,
    Plan_ToBuy,
    ShoppingList,
    Skill,
    Summary,
)
from wit_world.exports.resources import (
    ReadError_NotFound,
    Reading,
    ResourcePage,
    ResourceTemplate,
    TemplatePage,
)
from wit_world.imports import call
from wit_world.imports.content import (
    Block,
    Block_EmbeddedResource,
    Block_ResourceLink,
    Block_Text,
    EmbeddedResource,
    Message,
    PromptMessages,
    Role,
    Text,
)

import page
import question
import shopping
from library import Library, Recipe

# Where the host shows the granted directory to the plugin; plugin.toml asks for it.
LIBRARY = Library(Path("/recipes"))

TEMPLATE = page.PREFIX + "{name}"
PAGE_SIZE = 50

COOKS = {
    Skill.BEGINNER: "I have never held a pan: explain every word of a cook's.",
    Skill.PRACTICED: "I cook every day: be brief.",
}


class Cookbook(exports.Cookbook):
    def find_recipes(
        self, ingredients: list[str], minutes: int | None
    ) -> tuple[list[Block], Found]:
        fitting = [
            recipe
            for recipe in LIBRARY.recipes()
            if all(map(recipe.has, ingredients))
            and (minutes is None or recipe.minutes <= minutes)
        ]
        fitting.sort(key=lambda recipe: recipe.minutes)
        links = [Block_ResourceLink(page.link(recipe)) for recipe in fitting]
        return links, Found([summary(recipe) for recipe in fitting])

    def plan_shopping(self, recipes: list[str], people: int | None) -> Plan:
        """Runs from its start in every round; a question that is answered returns at once."""
        for name in recipes:
            known(name)
        if call.Questions.FORM not in call.can_ask():
            if not recipes or people is None:
                return Plan_NeedsChoice(LIBRARY.names())
            return Plan_ToBuy(ShoppingList(people, recipes, needed(recipes, people)))
        try:
            if not recipes or people is None:
                recipes, people = question.meals(LIBRARY.recipes(), recipes)
            items = needed(recipes, people)
            at_home = question.at_home(items)
        except question.Refused as refused:
            return refused.plan
        to_buy = [item for item in items if item.name not in at_home]
        return Plan_ToBuy(ShoppingList(people, recipes, to_buy))

    def cook(self, recipe: str, skill: Skill | None) -> PromptMessages:
        found = known(recipe)
        request = f"Guide me through {found.title}, one step at a time. {COOKS[skill or Skill.BEGINNER]}"
        embedded = Block_EmbeddedResource(EmbeddedResource(page.contents(found), None))
        blocks = [embedded, Block_Text(Text(request, None, None))]
        messages = [Message(Role.USER, block) for block in blocks]
        return PromptMessages(f"Cooks {found.title}", messages)


class Resources(exports.Resources):
    def list_resources(self, cursor: str | None) -> ResourcePage:
        """Lists the recipes after `cursor`, which is the name of the last one listed."""
        names = [name for name in LIBRARY.names() if name > (cursor or "")]
        listed = names[:PAGE_SIZE]
        recipes = filter(None, map(LIBRARY.recipe, listed))
        return ResourcePage(
            [page.link(recipe) for recipe in recipes],
            next=listed[-1] if len(names) > PAGE_SIZE else None,
        )

    def list_templates(self, cursor: str | None) -> TemplatePage:
        template = ResourceTemplate(
            uri_template=TEMPLATE,
            name="recipe",
            title="Recipe",
            description="A recipe by its name, such as apple-crumble.",
            mime_type=page.MARKDOWN,
            annotations=None,
            icons=[],
            meta=None,
        )
        return TemplatePage([template], next=None)

    def read_resource(self, uri: str) -> Reading:
        recipe = LIBRARY.recipe(uri.removeprefix(page.PREFIX))
        if recipe is None:
            raise Err(ReadError_NotFound())
        return Reading([page.contents(recipe)], freshness=None)


class Completion(exports.Completion):
    def complete(
        self,
        reference: Reference,
        argument: str,
        value: str,
        context: list[tuple[str, str]],
    ) -> Proposals:
        wanted = "recipe" if isinstance(reference, Reference_Prompt) else "name"
        names = LIBRARY.names() if argument == wanted else []
        fitting = [name for name in names if value in name]
        fitting.sort(key=lambda name: not name.startswith(value))
        return Proposals(fitting, total=len(fitting), has_more=False)


def summary(recipe: Recipe) -> Summary:
    return Summary(
        page.uri(recipe), recipe.name, recipe.title, recipe.minutes, recipe.serves
    )


def needed(names: list[str], people: int):
    return shopping.items(map(known, names), people)


def known(name: str) -> Recipe:
    recipe = LIBRARY.recipe(name)
    if recipe is None:
        names = ", ".join(LIBRARY.names())
        raise Err(f"there is no recipe {name}; there are: {names}")
    return recipe
