"""Files that a command writes at its end: known to be writable at its beginning, then whole or not there."""

import contextlib
import os
import tempfile
from pathlib import Path

from frontdesk.errors import OperatorError


def check_writable(path: Path | None) -> None:
    """Raises OperatorError where a file cannot be written; better now than after minutes of training."""
    if path is None:
        return
    try:
        if path.is_dir():
            raise OperatorError(f"{path} is a folder; name a file to write to.")
        if not path.parent.is_dir():
            raise OperatorError(f"There is no folder {path.parent} to write {path.name} to; make it first.")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}-")
        os.close(handle)
        Path(temporary).unlink()
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(13, "it is write-protected")
    except OSError as error:
        raise _unwritable(path, error) from error


def write_whole(path: Path, content: str) -> None:
    """The file has the new content or, if anything goes wrong, the old. Raises OperatorError."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}-")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(content)
        # A temporary file is for its owner alone; a report is a file like any other.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _unwritable(path: Path, error: OSError) -> OperatorError:
    return OperatorError(f"{path} cannot be written: {error.strerror or error}.")
