"""Which way notices go between the gateways of an installation."""

from gateway.fanout.local_sockets import LocalSockets
from gateway.fanout.port import Fanout, Nobody
from gateway.fanout.postgresql import PostgresqlFanout
from gateway.fanout.redis_channel import RedisFanout
from gateway.options import GatewayOptions


def fanout_for(options: GatewayOptions, gateway_id: str) -> Fanout:
    """Redis where one is set, else the database's own way; between SQLite's gateways there is only one
    machine.
    """
    if not options.several:
        return Nobody()
    if options.redis_url:
        return RedisFanout(options.redis_url)
    if options.database_url.startswith("postgresql"):
        return PostgresqlFanout(options.database_url)
    return LocalSockets(options.state_dir / "gateways", gateway_id)
