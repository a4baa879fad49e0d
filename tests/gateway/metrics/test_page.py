"""What Prometheus reads: right counts, nothing personal, and no way to it from the network."""

import re

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from gateway import keys
from tests.gateway.conftest import RunningGateway, StartGateway
from tests.gateway.scripted_bot import silence

SAID = "where is my order MM-10432, I am jo@example.org"


async def figures(gateway: RunningGateway) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    port = gateway.app[keys.METRICS_PORT]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.status == 200
        text = await response.text()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def test_a_turn_is_counted_once_with_the_stages_it_went_through(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(metrics_port=0)
    before = await figures(gateway)
    async with gateway.client() as client:
        await client.say("hello")
        await client.until_said("bot heard hello")
        await client.quiet()
        after = await figures(gateway)
        assert after[of("frontdesk_sockets", page="chat")] == 1

    def more(name: str, **labels: str) -> float:
        return after[of(name, **labels)] - before.get(of(name, **labels), 0)

    assert more("frontdesk_turns_total", outcome="answered") == 1
    assert more("frontdesk_messages_stored_total", kind="message") == 1
    assert more("frontdesk_message_store_seconds_count") == 1
    for stage in ("waiting", "bot", "storing", "whole"):
        assert more("frontdesk_turn_stage_seconds_count", stage=stage) == 1
    whole = more("frontdesk_turn_stage_seconds_sum", stage="whole")
    assert whole >= more("frontdesk_turn_stage_seconds_sum", stage="bot") > 0
    assert after[of("frontdesk_up", part="bot")] == 1
    assert after[of("frontdesk_articles")] == 1


async def test_who_waits_for_a_person_is_seen_with_the_reason(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(metrics_port=0)
    async with gateway.client() as client:
        await client.call_for_person()
        await client.until_said("keep your place")
        found = await figures(gateway)
    assert found[of("frontdesk_escalations_total", reason="asked_for")] == 1
    assert found[of("frontdesk_escalations_now", state="open")] == 1
    assert found[of("frontdesk_longest_wait_seconds")] >= 0


async def test_a_bot_that_says_nothing_is_an_outcome_of_its_own(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(metrics_port=0)
    before = (await figures(gateway)).get(of("frontdesk_turns_total", outcome="bot_silent"), 0)
    gateway.bot.script.append(silence)
    async with gateway.client() as client:
        await client.say("hello")
        await client.until(lambda frame: frame.get("handover") == "WAITING")
        found = await figures(gateway)
    assert found[of("frontdesk_turns_total", outcome="bot_silent")] == before + 1


async def test_no_label_holds_what_anybody_said_or_asked_for(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(metrics_port=0)
    async with gateway.client() as client:
        await client.say(SAID)
        await client.until_said("bot heard")
        secret = str(client.token)
    async with aiohttp.ClientSession() as session:
        for path in ("nowhere/jo@example.org", "help/delivery-times", f"api/chat/photos/{secret}"):
            await session.get(gateway.url + path)
    labels = {value for _, pairs in await figures(gateway) for _, value in pairs}
    assert "/help/{slug}" in labels
    assert not [value for value in labels if re.search(rf"@|MM-|{secret}|nowhere", value)]


async def test_the_network_gets_no_figures(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(metrics_port=0)
    async with aiohttp.ClientSession() as session, session.get(gateway.url + "metrics") as response:
        assert response.status == 404


async def test_without_a_port_there_is_no_page(gateway: RunningGateway) -> None:
    assert keys.METRICS_PORT not in gateway.app
