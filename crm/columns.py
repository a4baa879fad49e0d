"""Column types that several models share."""

from enum import StrEnum

from sqlalchemy import Enum


def choice(values: type[StrEnum]) -> Enum:
    """A closed list stored as its string values with a CHECK, so it reads well in any database.

    A native enum type would need its own migration steps on PostgreSQL and does not exist on SQLite.
    """
    return Enum(
        values,
        name=values.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
