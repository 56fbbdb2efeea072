"""A small web server on this machine, for streams."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
from clips import picture, write_tone

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(*answers: Answer) -> Iterator[str]:
    """Serve; the n-th request gets the n-th answer, later ones the last. Yields host:port."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                (left.pop(0) if len(left) > 1 else left[0])(self)
            except OSError:  # the client has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()


def content(kind: str, data: bytes) -> Answer:
    """Answer with something of stated length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def endless(kind: str, *parts: bytes, hold: threading.Event | None = None) -> Answer:
    """Answer with something without a length; then end, or send nothing more until ``hold``."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.end_headers()
        for part in parts:
            request.wfile.write(part)
        if hold is not None:
            request.wfile.flush()
            hold.wait(30)

    return answer


def refusing(code: int) -> Answer:
    """Answer with an error."""
    return lambda request: request.send_error(code)


def mjpeg(*indices: int, hold: threading.Event | None = None) -> Answer:
    """Answer as a web camera does: one JPEG after another."""
    parts = []
    for index in indices:
        bgr = cv2.cvtColor(picture(index), cv2.COLOR_RGB2BGR)
        data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, 95))[1].tobytes()
        head = f"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        parts.append(head.encode() + data + b"\r\n")
    # The next part's beginning ends the last one.
    parts.append(b"--cut\r\n")
    return endless("multipart/x-mixed-replace; boundary=cut", *parts, hold=hold)


def transport_stream(frames: int, *, pictures: bool = True) -> bytes:
    """Return an MPEG-TS of 25 frames a second with sound."""
    data = io.BytesIO()
    with av.open(data, "w", format="mpegts") as out:
        video = out.add_stream("libx264", rate=25) if pictures else None
        sound = out.add_stream("aac", rate=48000)
        if video is not None:
            video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
            video.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
                frame.pts = index
                out.mux(video.encode(frame))
            out.mux(video.encode())
        write_tone(out, sound, frames / 25, 440)
    return data.getvalue()
