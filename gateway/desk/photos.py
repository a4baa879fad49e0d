"""GET /api/desk/attachments/{photo_id}: a customer's photo, for whoever is signed in at the desk."""

from aiohttp import web

from crm.attachments.folder import PhotoFolder
from crm.attachments.services import photo_of
from crm.database import Database
from gateway.chat.photos import photo_response
from gateway.desk.auth import Doorkeeper


class DeskPhotos:
    """Shows photos to agents, who may look after any customer."""

    def __init__(self, database: Database, folder: PhotoFolder, doorkeeper: Doorkeeper) -> None:
        self._database = database
        self._folder = folder
        self._doorkeeper = doorkeeper

    def routes(self) -> list[web.RouteDef]:
        path = "/api/desk/attachments/{photo_id}"
        return [web.get(path, self._doorkeeper.agents_only(self.show))]

    async def show(self, request: web.Request) -> web.StreamResponse:
        async with self._database.reading() as session:
            photo = await photo_of(session, request.match_info["photo_id"])
        return await photo_response(self._folder, photo.id)
