"""The people at the desk, as an operator adds and lists them."""

import re
from datetime import UTC, datetime

from crm.agents.errors import EmailTaken
from crm.agents.models import Agent
from crm.agents.passwords import Passwords
from crm.agents.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from crm.agents.services import active_agents, create_agent
from frontdesk.errors import OperatorError
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings

LONGEST_NAME = 120
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s<>(),;:\"\\]+@[^@\s<>(),;:\"\\]+")


class AgentRefused(OperatorError):
    """The agent cannot be added."""


async def add_agent(settings: Settings, *, name: str, email: str, password: str) -> str:
    """Add somebody who can sign in to the desk; returns their e-mail as it is stored.

    Raises AgentRefused for what was typed, and OperatorError where the database is not ready.
    """
    name, email = name.strip(), email.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise AgentRefused(f"An agent needs a name of at most {LONGEST_NAME} characters.")
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise AgentRefused(f"{email!r} is no e-mail address: write it like mara@shop.example.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AgentRefused(
            f"The password has {len(password)} characters: "
            f"choose one of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}."
        )
    password_hash = await Passwords().hash(password)
    async with ready_database(settings) as database:
        try:
            async with database.transaction() as session:
                agent = await create_agent(
                    session, name=name, email=email, password_hash=password_hash, now=datetime.now(UTC)
                )
        except EmailTaken as error:
            raise AgentRefused(
                f"There is an agent with the e-mail {email} already: choose another, "
                "or see `frontdesk agents list`."
            ) from error
    return agent.email


async def list_agents(settings: Settings) -> list[Agent]:
    """Everybody who can sign in, by name. Raises OperatorError where the database is not ready."""
    async with ready_database(settings) as database, database.reading() as session:
        return await active_agents(session)
