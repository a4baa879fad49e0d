"""What handlers find in the application; each is put there once, at the edge of the process."""

from aiohttp import web

from crm.attachments.folder import PhotoFolder
from crm.database import Database
from gateway.bot_health import BotHealth
from gateway.chat.reception import Reception
from gateway.chat.turns import TurnRunner
from gateway.chat.watching import WatchwordsFile
from gateway.fanout.port import Fanout
from gateway.hub import Hub
from gateway.limits import RateLimits
from gateway.options import GatewayOptions
from gateway.peers import Peers
from gateway.presence import Presence
from gateway.rasa import RasaClient
from gateway.suggesting import Suggesting
from gateway.waiting import WaitingRoom
from gateway.wording import Wording
from gateway.worker import Worker
from knowledge.search import KnowledgeIndex

METRICS_PORT = web.AppKey("metrics_port", int)
OPTIONS = web.AppKey("options", GatewayOptions)
DATABASE = web.AppKey("database", Database)
HUB = web.AppKey("hub", Hub)
FANOUT = web.AppKey("fanout", Fanout)
PEERS = web.AppKey("peers", Peers)
PRESENCE = web.AppKey("presence", Presence)
WAITING = web.AppKey("waiting", WaitingRoom)
WORDING = web.AppKey("wording", Wording)
PHOTOS = web.AppKey("photos", PhotoFolder)
INDEX = web.AppKey("index", KnowledgeIndex)
SUGGESTING = web.AppKey("suggesting", Suggesting)
RASA = web.AppKey("rasa", RasaClient)
BOT_HEALTH = web.AppKey("bot_health", BotHealth)
RECEPTION = web.AppKey("reception", Reception)
LIMITS = web.AppKey("limits", RateLimits)
WORKER = web.AppKey("worker", Worker)
WATCHWORDS = web.AppKey("watchwords", WatchwordsFile)
TURNS = web.AppKey("turns", TurnRunner)
