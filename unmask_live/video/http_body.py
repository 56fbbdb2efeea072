"""An HTTP answer that can be read by PyAV, and let go while a read waits."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit, urlunsplit

from unmask_live.errors import UserError

_PLAYLISTS = ("mpegurl", "dash+xml")
_HINTS = {
    401: "write name and password into the address, as in http://name:password@camera/video",
    403: "it does not let this computer in",
    404: "there is nothing at this address: check it",
}


class HttpBody:
    """What a web server sends, opened.

    Parameters
    ----------
    url : http or https; a name and password in it are used, never shown
    timeout : seconds to wait for an answer, and for each further part of it

    Attributes
    ----------
    kind : the content's type as the server calls it
    endless : whether it goes on for ever: neither a playlist nor of a stated length

    Raises
    ------
    UserError
        if there is no answer or another than what was asked for
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        try:
            self._answer = _opener(url).open(_plain(url), timeout=timeout)
        except urllib.error.HTTPError as error:
            hint = _HINTS.get(error.code, "check the address")
            raise UserError(f"{show(url)} answers {error.code} ({error.reason}): {hint}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise UserError(
                    f"{show(url)} proves itself by a certificate this computer does not trust "
                    f"({reason.verify_message}): install that, or use http:// in your own network"
                ) from None
            raise UserError(unreachable(url, reason)) from None
        if self._answer.isclosed():
            raise UserError(f"{show(url)} sends nothing: check the address")
        headers = self._answer.headers
        self.kind: str = headers.get_content_type()
        playlist = any(part in self.kind for part in _PLAYLISTS)
        self.endless = "Content-Length" not in headers and not playlist
        # A handle of our own to the same connection: shutting it down wakes a read that waits.
        self._socket = socket.fromfd(self._answer.fileno(), socket.AF_INET, socket.SOCK_STREAM)

    def read(self, size: int) -> bytes:
        """Return what is there, at most ``size`` bytes; b"" at the end, and after silence."""
        try:
            part: bytes = self._answer.read1(size)
        except (OSError, http.client.HTTPException, ValueError):
            return b""
        return part

    def abort(self) -> None:
        """End a read that waits; from any thread, safe to call twice."""
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):  # the other side was quicker
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
                self._socket = None

    def close(self) -> None:
        """Let the connection go; from the thread that reads."""
        self.abort()
        self._answer.close()


def show(url: str) -> str:
    """Return an address without name, password and query, any of which may be a secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def unreachable(url: str, reason: object) -> str:
    """Say that nothing answers at an address, and what to do."""
    why = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    host = show(url).partition("://")[2].partition("/")[0]
    return f"{host} cannot be reached ({why}): check the address and that it is switched on"


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Return what opens the address, with the name and password in it if a server asks."""
    parts = urlsplit(url)
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    name, secret = unquote(parts.username or ""), unquote(parts.password or "")
    if name or secret:
        passwords.add_password(None, _plain(url), name, secret)
    return urllib.request.build_opener(
        urllib.request.HTTPDigestAuthHandler(passwords),
        urllib.request.HTTPBasicAuthHandler(passwords),
    )
