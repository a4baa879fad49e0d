"""Why a photo is not taken."""

from enum import StrEnum

from crm.errors import SupportError


class PhotoRule(StrEnum):
    """The closed list of reasons against a photo; each has its own wording."""

    TOO_LARGE = "too_large"
    NOT_A_PHOTO = "not_a_photo"
    TOO_MANY_PIXELS = "too_many_pixels"
    ENOUGH = "enough"


_STATUS = {
    PhotoRule.TOO_LARGE: 413,
    PhotoRule.NOT_A_PHOTO: 415,
    PhotoRule.TOO_MANY_PIXELS: 413,
    PhotoRule.ENOUGH: 409,
}


class PhotoRefused(SupportError):
    """The photo is not kept; the response says by which rule."""

    def __init__(self, rule: PhotoRule, **values: int) -> None:
        super().__init__(f"no photo: {rule}", **values)
        self.rule = rule
        self.status = _STATUS[rule]
        self.response = f"utter_photo_refused_{rule}"


class PhotoUnknown(SupportError):
    """There is no such photo, or none that the asker may see."""

    status = 404
    response = "utter_photo_unknown"
