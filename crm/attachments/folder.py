"""Where the bytes of photos lie."""

from datetime import UTC, datetime
from pathlib import Path

from crm.files import write_whole


class PhotoFolder:
    """One file for each photo, named by its id alone: nothing a customer chose becomes a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, photo_id: str, content: bytes) -> None:
        """Raises OSError."""
        write_whole(self._path(photo_id), content)

    def read(self, photo_id: str) -> bytes | None:
        """The picture, or None where its file is gone."""
        try:
            return self._path(photo_id).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, photo_id: str) -> None:
        """Forget a photo whose row was never written."""
        self._path(photo_id).unlink(missing_ok=True)

    def ages(self) -> dict[str, datetime]:
        """When each photo's file was written, by the photo's id."""
        return {
            path.stem: datetime.fromtimestamp(path.stat().st_mtime, UTC)
            for path in self._folder.glob("*.jpg")
        }

    def _path(self, photo_id: str) -> Path:
        return self._folder / f"{photo_id}.jpg"
