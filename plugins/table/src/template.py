"""Fills Jinja templates with sheets.

Templates are written by strangers: they run in Jinja's sandbox, which keeps them away
from Python, and in that of the call, which ends what takes too long or too much memory.
"""

from collections.abc import Sequence

from componentize_py_types import Err
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from wit_world.exports.tables import (
    Format,
    TableError_BadTemplate,
    TableError_TooLong,
    TemplateFault,
)

from sheet import Sheet

LONGEST_DOCUMENT = 1_000_000

# What a template can do wrong without being wrong as a template.
MISTAKES = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError)
MISTAKES += (TypeError, ValueError)


class Rows(Sequence):
    """The rows of a sheet by column, made as they are asked for: a template may want few."""

    def __init__(self, sheet: Sheet):
        self._sheet = sheet
        self._numeric = [sheet.is_numeric(column) for column in sheet.columns]

    def __len__(self) -> int:
        return len(self._sheet.rows)

    def __getitem__(self, at: int) -> dict[str, object]:
        values = map(value, self._sheet.rows[at], self._numeric)
        return dict(zip(self._sheet.columns, values))


def value(cell: str, is_numeric: bool) -> object:
    if not is_numeric:
        return cell
    if not cell:
        return None
    return int(cell) if cell.lstrip("+-").isdigit() else float(cell)


def environment(format: Format) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=format == Format.HTML,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


# Made once, when the component is: a call finds them in memory.
ENVIRONMENTS = {format: environment(format) for format in Format}


def render(source: str, sheet: Sheet, format: Format) -> str:
    try:
        template = ENVIRONMENTS[format].from_string(source)
        parts = template.generate(rows=Rows(sheet), columns=sheet.columns)
        return join(parts)
    except TemplateSyntaxError as error:
        raise fault(error, error.lineno) from None
    except (TemplateError, *MISTAKES) as error:
        raise fault(error, line(error)) from None


def join(parts) -> str:
    document = []
    length = 0
    for part in parts:
        length += len(part)
        if length > LONGEST_DOCUMENT:
            raise Err(TableError_TooLong(LONGEST_DOCUMENT))
        document.append(part)
    return "".join(document)


def line(error: BaseException) -> int | None:
    """The line of the template that was at work; Jinja writes it into the traceback."""
    found = None
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def fault(error: BaseException, line: int | None) -> Err:
    message = str(error) or type(error).__name__
    return Err(TableError_BadTemplate(TemplateFault(line, message)))
