"""What every HTTP route takes and answers, as an OpenAPI document made from the routes and their schemas."""

from gateway.openapi.document import document as document
from gateway.openapi.route import setup as setup

__all__ = ["document", "setup"]
