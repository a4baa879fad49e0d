"""What other commands have to know of a running `up`: how many processes of each kind it has."""

from frontdesk.settings import Settings
from frontdesk.state_lock import is_held

_FILE = "up.workers"


def note_running(settings: Settings) -> None:
    """Say how many there are, for commands in other terminals; the folder's lock is held."""
    (settings.state_dir / _FILE).write_text(str(settings.workers))


def as_running(settings: Settings) -> Settings:
    """The settings with the workers of the `up` that works on the state folder, where there is one."""
    if not is_held(settings.state_dir):
        return settings
    try:
        workers = int((settings.state_dir / _FILE).read_text())
    except (FileNotFoundError, ValueError):
        return settings
    return settings.model_copy(update={"workers": workers})
