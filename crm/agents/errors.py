"""Why somebody does not get into the desk."""

from crm.errors import SupportError


class LoginRefused(SupportError):
    """The e-mail and password do not belong together; it is never said which of them is wrong."""

    status = 401
    response = "desk_login_refused"


class LoginLimited(SupportError):
    """Too many wrong passwords; `minutes` in the values says how long to wait at most."""

    status = 429
    response = "desk_login_limited"


class EmailTaken(SupportError):
    """Another agent has that e-mail."""

    status = 409
    response = "desk_email_taken"
