"""What can be asked about a product, and which of it a message asks; pure."""

import re
from enum import StrEnum


class Fact(StrEnum):
    """The closed list of what the catalogue says about a product besides its description."""

    MATERIAL = "material"
    WATERPROOF = "waterproof"
    WARMTH = "warmth"
    WEIGHT = "weight"
    MEASURES = "measures"
    MADE_IN = "made_in"
    CARE = "care"
    FIT = "fit"
    POWER = "power"
    VEGAN = "vegan"


# Regular expressions, separated by spaces; `_` in them is a space.
_ASKED = {
    Fact.MATERIAL: r"""
        materials? fabrics? cloth (?:made|knitted|woven|sewn|spun)_(?:of|from|out_of) lin(?:ed|ing)
        fill(?:ed|ing) wool\w* merino cotton leather down feathers? polyester nylon synthetic linen beeswax
        recycled ingredients?
    """,
    Fact.WATERPROOF: r"""
        water_?-?proof\w* water_?-?resist\w* rain\w* wet showers? downpours? windproof splash\w*
        leak\w* dry taped membrane
    """,
    Fact.WARMTH: r"""
        warm\w* cold winter summer freez\w* frost\w* insulat\w* degrees temperatures? seasons? hot
        comfort_rating snow
    """,
    Fact.WEIGHT: r"""
        weigh\w* heav\w* light(?:er|est|weight)? grams? kilos? kg
    """,
    Fact.MEASURES: r"""
        big bigger biggest large_is dimensions? measure\w* length long wide width tall litres? liters?
        ml volume capacity hold fits?_in hand_luggage cabin pack(?:s|ed)?_(?:down|size) how_many_people
    """,
    Fact.MADE_IN: r"""
        (?:made|manufactured|produced|knitted|woven|sewn)_in comes?_from where.{0,25}\b(?:made|from)
        origin british
    """,
    Fact.CARE: r"""
        wash\w* clean\w* dishwasher microwave iron(?:ing|ed)? tumble oven care
    """,
    Fact.FIT: r"""
        fits? fitting cut tight loose roomy narrow helmet phone touch_?screen half_sizes? unisex
        wom[ae]ns? mens? fold\w*
    """,
    Fact.POWER: r"""
        batter\w* charg\w* usb\w* lumens? bright\w* hours hob induction fuels? gas petrol canisters?
    """,
    Fact.VEGAN: r"""
        vegan animal\w* cruelty
    """,
}
_PATTERNS = {
    fact: re.compile(rf"\b(?:{'|'.join(words.split()).replace('_', ' ')})\b", re.I)
    for fact, words in _ASKED.items()
}


def facts_asked(text: str) -> list[Fact]:
    """What the message asks about a product, in the order in which it comes up."""
    found = {fact: match.start() for fact, pattern in _PATTERNS.items() if (match := pattern.search(text))}
    return sorted(found, key=lambda fact: found[fact])
