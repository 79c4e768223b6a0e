"""Uploads while they arrive: nothing past the limit reaches the disk, and the rest of the form is still read."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from web import formats

REQUESTS = 10  # a request carries this many times the limit of a file, then the line is cut
STOPPED = "upload_stopped"


class Oversized(UploadedFile):  # type: ignore[type-arg]
    """A file past the limit: its name and how much of it came, no bytes."""


class LimitHandler(FileUploadHandler):
    """First of the handlers: past `FILE_MAX_BYTES` a file is read to nowhere, far past it the request is cut.

    Reading on lets what was typed after the file arrive; the form says then which file was too big.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received = 0  # in this request
        self.count = 0  # of this file

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Another file begins."""
        super().new_file(*args, **kwargs)
        self.count = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Count; give nothing on to the disk once it is too much."""
        self.count += len(raw_data)
        self.received += len(raw_data)
        if self.received > REQUESTS * settings.FILE_MAX_BYTES:
            if self.request is not None:
                setattr(self.request, STOPPED, True)
            raise StopUpload(connection_reset=True)
        return None if self.count > settings.FILE_MAX_BYTES else raw_data

    def file_complete(self, file_size: int) -> Oversized | None:
        """A file that was too big is known by its size; any other is for the handlers that follow."""
        if self.count <= settings.FILE_MAX_BYTES:
            return None
        self._drop()
        return Oversized(
            BytesIO(), self.file_name, self.content_type, self.count, self.charset, self.content_type_extra
        )

    def _drop(self) -> None:
        """Let go of what the handlers that follow had begun to write."""
        for other in self.request.upload_handlers if self.request is not None else []:
            begun = getattr(other, "file", None)
            if begun is not None:
                begun.close()


class Unkept(UploadedFile):  # type: ignore[type-arg]
    """A file that arrived when there was no room for it: its name and size, no bytes."""


class RoomHandler(TemporaryFileUploadHandler):
    """Django's handler of large files; a disk that is full costs the file, not what was typed beside it."""

    has_room = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a temporary file, when there is room for one."""
        self.has_room = True
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self.has_room = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write on; once the disk is full the rest is read to nowhere."""
        try:
            if self.has_room:
                super().receive_data_chunk(raw_data, start)
        except OSError:
            self.has_room = False

    def file_complete(self, file_size: int) -> Any:
        """The file, or its name alone."""
        if self.has_room:
            try:
                return super().file_complete(file_size)
            except OSError:
                self.has_room = False
        begun = getattr(self, "file", None)
        if begun is not None:
            with suppress(OSError):
                begun.close()
        return Unkept(
            BytesIO(), self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )


def no_room() -> str:
    """What a person reads whose file found no room."""
    return _(
        "Le fichier n’a pas pu être gardé : le service manque de place. Vos réponses sont enregistrées; "
        "envoyez le fichier de nouveau dans quelques minutes."
    )


def was_stopped(request: HttpRequest) -> bool:
    """Whether the files of a request were cut off."""
    return bool(getattr(request, STOPPED, False))


def too_much() -> str:
    """What a person whose files were cut off does."""
    most = formats.size(settings.FILE_MAX_BYTES)
    return _(
        "Fichiers non reçus : ils sont beaucoup trop gros. Chacun fait %(most)s au plus; réduisez-les, "
        "ou envoyez-les en parties, l’un après l’autre."
    ) % {"most": most}
