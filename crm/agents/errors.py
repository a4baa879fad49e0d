"""Why somebody does not get into the desk."""

from crm.errors import SupportError


class LoginRefused(SupportError):
    """The e-mail and password do not belong together; it is never said which of them is wrong."""

    status = 401


class LoginLimited(SupportError):
    """Too many wrong passwords; `minutes` in the values says how long to wait at most."""

    status = 429


class EmailTaken(SupportError):
    """Another agent has that e-mail."""

    status = 409
