"""Putting a trained model into the running bot.

Rasa loads the new model beside the old one and then exchanges the two: a message meets one or the other, and
none is lost. What Rasa cannot load it refuses, and keeps what it has.
"""

from collections.abc import Sequence
from pathlib import Path

import aiohttp
import yaml

from frontdesk.domain_assembly import DOMAIN_FILE

_LONGEST = aiohttp.ClientTimeout(total=180)
_SHORT = aiohttp.ClientTimeout(total=10)


class NotTaken(Exception):
    """The running bot keeps the model it has; the message says why."""


class NotRunning(Exception):
    """Nobody answers, so there is nothing to exchange."""


async def put_live_everywhere(rasa_urls: Sequence[str], model: Path) -> None:
    """Let every Rasa process take the model up, one after the other, so that the others answer meanwhile.

    One that does not answer takes it up when it is started. Raises NotTaken for the first that refuses, and
    NotRunning where none answers.
    """
    took = 0
    for url in rasa_urls:
        try:
            await put_live(url, model)
        except NotRunning:
            continue
        except NotTaken as refused:
            if took:
                raise NotTaken(
                    f"{url}: {refused}, while {took} other process(es) took it: start `frontdesk up` again"
                ) from refused
            raise
        took += 1
    if not took:
        raise NotRunning


async def put_live(rasa_url: str, model: Path) -> None:
    """Let the Rasa at this address take the model up. Raises NotTaken and NotRunning."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_LONGEST) as http,
            http.put(f"{rasa_url}/model", json={"model_file": str(model)}) as answer,
        ):
            if answer.status == 204:
                return
            said = await _message(answer)
    except aiohttp.ClientConnectorError as error:
        raise NotRunning from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotTaken(f"Rasa broke off while loading it ({type(error).__name__})") from error
    raise NotTaken(f"Rasa refused it: {said}")


async def unknown_actions(actions_url: str, domain_dir: Path) -> list[str]:
    """Actions of the assembled domain that the running action server has not got, since their code is newer
    than the process. Raises NotRunning.
    """
    domain = yaml.safe_load((domain_dir / DOMAIN_FILE).read_text(encoding="utf-8"))
    try:
        async with (
            aiohttp.ClientSession(timeout=_SHORT) as http,
            http.get(f"{actions_url}/actions") as answer,
        ):
            served = {entry["name"] for entry in await answer.json()}
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotRunning from error
    return sorted(set(domain.get("actions", [])) - served)


async def _message(answer: aiohttp.ClientResponse) -> str:
    try:
        said = (await answer.json()).get("message")
    except (aiohttp.ClientError, ValueError, AttributeError):
        said = None
    return str(said or f"it answered {answer.status}")
