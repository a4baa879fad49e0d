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
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(13, "it is write-protected")
        if not _is_device(path):
            handle, temporary = _beside(path)
            os.close(handle)
            Path(temporary).unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def write_whole(path: Path, content: str) -> None:
    """The file has the new content or, if anything goes wrong, the old. Raises OperatorError."""
    written = content.encode("utf-8", "replace")
    try:
        if _is_device(path):
            path.write_bytes(written)
        else:
            _replace(path, written)
    except OSError as error:
        raise _unwritable(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = _beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # A temporary file is for its owner alone; a report is a file like any other.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path.resolve())
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _beside(path: Path) -> tuple[int, str]:
    """An empty file in the same folder, so that renaming it is one step."""
    target = path.resolve()
    return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-")


def _is_device(path: Path) -> bool:
    """Whether it is something like /dev/stdout, which must be written to and never replaced."""
    return path.exists() and not path.is_file()


def _unwritable(path: Path, error: OSError) -> OperatorError:
    return OperatorError(f"{path} cannot be written: {error.strerror or error}.")
