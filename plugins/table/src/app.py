"""Tables as CSV text. The contract of every function is in wit/world.wit."""

from wit_world import exports
from wit_world.exports.tables import Description, Format, Group, Relation

import sheet
import summary
import template


class Tables(exports.Tables):
    def describe_csv(self, csv: str) -> Description:
        return summary.describe(sheet.read(csv))

    def group_rows(self, csv: str, by: str, of: str) -> list[Group]:
        return summary.group(sheet.read(csv), by, of)

    def relate_columns(self, csv: str, x: str, y: str) -> Relation:
        return summary.relate(sheet.read(csv), x, y)

    def render_table(self, template_: str, csv: str, format: Format) -> str:
        return template.render(template_, sheet.read(csv), format)
