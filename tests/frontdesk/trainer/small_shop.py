"""A shop's project in small, without a problem: each test breaks one thing of it."""

from pathlib import Path

WORDS = (
    *("please", "today", "now", "thanks", "again", "quickly", "mate", "sir", "madam", "folks", "friend"),
    *("soon", "really", "ok", "right", "well", "so", "then", "actually", "honestly", "kindly", "just"),
    *("maybe", "perhaps", "sorry", "hey", "hm", "oh", "er", "look"),
)


def sentences(beginning: str, count: int = 30) -> str:
    return "".join(f"    - {beginning} {word}\n" for word in WORDS[:count])


def intent(name: str, beginning: str, count: int = 30) -> str:
    return (
        f'- intent: {name}\n  metadata: {{meaning: "They {beginning}."}}\n'
        f"  examples: |\n{sentences(beginning, count)}"
    )


def held_out(name: str, beginning: str, count: int = 8) -> str:
    return f"- intent: {name}\n  examples: |\n{sentences(beginning, count)}"


FILES = {
    "bot/domain/_shared.yml": "entities: [order_number]\n",
    "bot/domain/smalltalk.yml": "version: '3.1'\n",
    "bot/domain/orders.yml": (
        "slots:\n  order_number:\n    type: text\n    mappings:\n    - type: custom\n"
        "forms:\n  order_form:\n    required_slots:\n    - order_number\n"
        "actions:\n- validate_order_form\n- action_order\n"
    ),
    "nlu_data/intents/smalltalk.yml": "nlu:\n"
    + intent("greet", "hello to you")
    + intent("thank", "many thanks"),
    "nlu_data/intents/orders.yml": "nlu:\n" + intent("order_status", "where is my parcel"),
    "nlu_data/rules/smalltalk.yml": (
        "rules:\n- rule: hello\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "- rule: thanks\n  steps:\n  - intent: thank\n  - action: utter_thank\n"
    ),
    "nlu_data/rules/orders.yml": (
        "rules:\n- rule: where\n  steps:\n  - intent: order_status\n  - action: order_form\n"
        "  - active_loop: order_form\n"
        "- rule: known\n  condition:\n  - active_loop: order_form\n  steps:\n  - action: order_form\n"
        "  - active_loop: null\n  - action: action_order\n"
    ),
    "nlu_data/responses/smalltalk.yml": (
        "responses:\n  utter_greet:\n  - text: Hello\n    buttons:\n"
        "    - {title: My order, payload: /order_status}\n  - text: Hi there\n"
        "  utter_thank:\n  - text: You're welcome\n"
    ),
    "nlu_data/responses/orders.yml": (
        "responses:\n  utter_ask_order_number:\n  - text: Which order?\n"
        '  utter_order:\n  - text: "{number} is on its way"\n  - text: "On its way: {number}"\n'
    ),
    "nlu_data/heldout/smalltalk.yml": (
        "nlu:\n" + held_out("greet", "good evening everyone") + held_out("thank", "much appreciated")
    ),
    "nlu_data/heldout/orders.yml": "nlu:\n" + held_out("order_status", "has the package left the depot"),
    "nlu_data/heldout/questions.yml": (
        "questions:\n- {question: do you open on sundays, article: hours}\n"
        "- {question: do you sell bicycles, article: null}\n"
    ),
    "nlu_data/entities/patterns.yml": "patterns:\n- {entity: order_number, value: x, tokens: []}\n",
    "knowledge/articles/hours.md": (
        "---\ntitle: Opening hours\ntopics: [shop]\nquestions:\n- When are you open?\n- Opening times?\n"
        "- Are you open at weekends?\nupdated: 2026-11-01\n---\nWe are open from nine to six.\n"
    ),
    "tests/conversations/smalltalk.yml": (
        "- case: says hello\n  steps:\n  - {say: hello, expect: [utter_greet]}\n"
    ),
    "actions/__init__.py": "",
    "actions/discovery.py": (
        "class Question:\n    slot = 'order_number'\n\n"
        "class Form:\n    action_name = 'validate_order_form'\n    questions = (Question(),)\n\n"
        "class Order:\n    action_name = 'action_order'\n    says = 'utter_order'\n\n"
        "def all_actions():\n    return [Form, Order]\n"
    ),
}


def write_small_shop(root: Path) -> Path:
    for name, content in FILES.items():
        edit(root, name, content)
    return root


def edit(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
