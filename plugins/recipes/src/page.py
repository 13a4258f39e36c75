"""Recipes as pages of Markdown, and as what clients are told of them."""

from wit_world.imports.content import Body_Text, Contents, ResourceLink

from library import Recipe

PREFIX = "recipes:///"
MARKDOWN = "text/markdown"


def uri(recipe: Recipe) -> str:
    return PREFIX + recipe.name


def markdown(recipe: Recipe) -> str:
    ingredients = [
        " ".join(filter(None, ["-", amount, name]))
        for name, amount in recipe.ingredients.items()
    ]
    steps = [f"{number}. {step}" for number, step in enumerate(recipe.steps, start=1)]
    head = [
        f"# {recipe.title}",
        "",
        f"For {recipe.serves}, in {recipe.minutes} minutes.",
        "",
    ]
    return "\n".join([*head, *ingredients, "", *steps, ""])


def contents(recipe: Recipe) -> Contents:
    return Contents(uri(recipe), MARKDOWN, Body_Text(markdown(recipe)), meta=None)


def link(recipe: Recipe) -> ResourceLink:
    return ResourceLink(
        uri=uri(recipe),
        name=recipe.name,
        title=recipe.title,
        description=f"For {recipe.serves}, in {recipe.minutes} minutes.",
        mime_type=MARKDOWN,
        size=len(markdown(recipe).encode()),
        annotations=None,
        icons=[],
        meta=None,
    )
