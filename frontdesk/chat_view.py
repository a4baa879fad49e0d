"""How the terminal client shows a conversation: with colours and boxes, or as plain lines for scripts."""

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

STYLES = {"bot": "cyan", "agent": "green", "system": "dim"}


class ChatView:
    def __init__(self, console: Console, *, plain: bool) -> None:
        self._console = console
        self._plain = plain
        self._shown_state: tuple[str, str | None] = ("BOT", None)

    def message(self, frame: dict[str, Any]) -> None:
        """A message of the bot, an agent or the system, with its card and its numbered choices."""
        author = frame.get("name") or frame["author"]
        style = STYLES.get(frame["author"], "default")
        if frame.get("text"):
            self._line(f"[{style}]{escape(author)}:[/] {escape(frame['text'])}", f"{author}: {frame['text']}")
        if attachment := frame.get("attachment"):
            self._card(attachment)
        for number, choice in enumerate(frame.get("choices") or (), 1):
            self._line(f"  [bold]{number}[/] {escape(choice['title'])}", f"  {number}) {choice['title']}")

    def own(self, text: str) -> None:
        """A line that was read from a script."""
        self._line("", f"you: {text}")

    def state(self, frame: dict[str, Any]) -> None:
        """Who answers now, where that has changed."""
        state = (frame["handover"], frame.get("agent"))
        if state == self._shown_state:
            return
        self._shown_state = state
        handover, agent = state
        place = f", place {frame['place']}" if frame.get("place") else ""
        self.note(f"now answering: {agent or handover.lower()}{place}")

    def note(self, text: str) -> None:
        self._line(f"[dim]({escape(text)})[/]", f"({text})")

    def prompt(self) -> None:
        self._console.print("[bold]you:[/] ", end="")

    def _card(self, attachment: dict[str, Any]) -> None:
        title, rows = card_rows(attachment)
        if self._plain:
            self._line("", f"  [{title}]")
            for label, value in rows:
                self._line("", f"  {label}: {value}")
            return
        table = Table(title=escape(title), title_justify="left", box=box.ROUNDED, show_header=False)
        for label, value in rows:
            table.add_row(escape(label), escape(value))
        self._console.print(table)

    def _line(self, marked_up: str, plain: str) -> None:
        if self._plain:
            self._console.print(plain, markup=False, soft_wrap=True)
        else:
            self._console.print(marked_up)


def card_rows(attachment: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Title and labelled rows of an attachment; one of an unknown kind shows what it has."""
    match attachment.get("kind"):
        case "article":
            return attachment["title"], [("Read more", attachment["url"])]
        case "order":
            return _order_rows(attachment)
        case "receipt":
            reference = [("Reference", attachment["reference"])] if attachment.get("reference") else []
            return attachment["title"], [
                *reference,
                *((line["label"], line["value"]) for line in attachment["lines"]),
            ]
        case kind:
            return str(kind), [(name, str(value)) for name, value in attachment.items() if name != "kind"]


def _order_rows(order: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    rows = [("Status", order.get("status_label") or order["status"]), ("Placed on", order["placed_on"])]
    rows += [(f"{line['quantity']} × {line['name']}", line["price"]) for line in order["lines"]]
    rows.append(("Total", order["total"]))
    if shipment := order.get("shipment"):
        rows.append((shipment["carrier"], shipment.get("tracking_code") or ""))
        if shipment.get("expected_on"):
            rows.append(("Expected on", shipment["expected_on"]))
    return f"Order {order['number']}", rows
