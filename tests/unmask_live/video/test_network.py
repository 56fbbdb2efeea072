from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from clips import picture, write_clip
from servers import content, endless, mjpeg, refusing, serving, transport_stream
from timing import FakeTime

from unmask_live.errors import UserError
from unmask_live.video import network
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind, open_live
from unmask_live.video.http_body import show
from unmask_live.video.network import NetworkStream


def stream(url: str, **options: object) -> tuple[NetworkStream, list[Notice]]:
    """Open a stream that waits for nothing but the network."""
    source = NetworkStream(url, wait=lambda _: source.closed(), **options)
    said: list[Notice] = []
    source.on_notice = said.append
    return source, said


def shown(url: str, count: int, **options: object) -> tuple[list[LiveFrame], list[NoticeKind]]:
    source, said = stream(url, **options)
    frames = source.frames()
    try:
        return list(islice(frames, count)), [notice.kind for notice in said]
    finally:
        frames.close()  # type: ignore[attr-defined]


def which(image: np.ndarray) -> int:
    """Tell the number of a picture by where its square stands."""
    square = (image[4:20].astype(int) - picture(99)[40]).max(axis=2).mean(axis=0) > 60
    return round((int(np.flatnonzero(square)[0]) - 2) / 5)


def test_a_web_camera_sends_jpegs() -> None:
    with serving(mjpeg(*range(6))) as host:
        source, said = stream(f"http://{host}/video", mirror=True)
        frames = source.frames()
        assert source.describe() == "http stream, nothing came yet"
        first = list(islice(frames, 4))
        assert [which(frame.image[:, ::-1]) for frame in first] == [0, 1, 2, 3]
        assert all(later.pts > earlier.pts for earlier, later in pairwise(first))
        assert first[0].seconds == 0
        assert source.describe().startswith("96×64 mjpeg over http, ")
        assert said == []
        source.close()
        assert list(frames) == []


def test_a_stream_that_ends_is_told_and_comes_back() -> None:
    with serving(mjpeg(0, 1, 2), refusing(503), mjpeg(7, 8, 9)) as host:
        source, said = stream(f"http://{host}/video")
        frames = list(islice(source.frames(), 6))
        assert [which(frame.image) for frame in frames] == [0, 1, 2, 7, 8, 9]
        assert [frame.index for frame in frames] == list(range(6))
        assert all(later.pts > earlier.pts for earlier, later in pairwise(frames))
        assert [notice.kind for notice in said] == [NoticeKind.LOST, NoticeKind.BACK]
        assert said[0].text == (
            f"http://{host}/video stopped sending pictures: check the network and the camera, "
            "I keep trying."
        )


def test_a_silent_stream_is_lost_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER", 0.2)
    hold = threading.Event()
    with serving(mjpeg(0, 1, 2, hold=hold), mjpeg(3, 4, 5, hold=hold)) as host:
        frames, kinds = shown(f"http://{host}/video", 5)
        hold.set()
    assert len(frames) == 5
    assert kinds == [NoticeKind.LOST, NoticeKind.BACK]


def test_close_wakes_a_read_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER", 60.0)
    hold = threading.Event()
    with serving(mjpeg(0, 1, hold=hold)) as host:
        source, said = stream(f"http://{host}/video")
        came = threading.Event()

        def take() -> None:
            for _ in source.frames():
                came.set()

        thread = threading.Thread(target=take)
        thread.start()
        assert came.wait(20)
        source.close()
        thread.join(20)
        ended = not thread.is_alive()
        hold.set()
        thread.join()
    assert ended
    assert said == []


def test_sound_lies_on_the_pictures_clock() -> None:
    with serving(endless("video/mp2t", transport_stream(24))) as host:
        source, _ = stream(f"http://{host}/live")
        heard: list[tuple[av.AudioFrame, float]] = []
        source.on_sound = lambda frame, at: heard.append((frame, at))
        frames = []
        for frame in source.frames():
            frames.append(frame)
            if len(frames) == 22:
                source.close()
    assert [f.seconds for f in frames] == pytest.approx([n * 0.04 for n in range(22)], abs=0.002)
    starts = [at for _, at in heard]
    assert len(starts) > 10
    assert starts[0] < 0.1
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps == pytest.approx([1024 / 48000] * len(gaps), abs=0.002)


def test_a_listener_changes_nothing_for_a_stream_without_sound() -> None:
    with serving(mjpeg(*range(6))) as host:
        source, _ = stream(f"http://{host}/video")
        source.on_sound = lambda *_: pytest.fail("there is no sound")
        assert len(list(islice(source.frames(), 4))) == 4


def test_a_film_on_a_server_is_played_in_real_time_and_again(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "film.mkv").read_bytes()
    time = FakeTime()
    with serving(content("video/x-matroska", film)) as host:
        source = NetworkStream(f"http://{host}/film.mkv", clock=time.clock, wait=time.wait)
        said: list[Notice] = []
        source.on_notice = said.append
        frames = list(islice(source.frames(), 30))
    assert said == []
    assert frames[19].captured - frames[0].captured == pytest.approx(19 / 29.97, abs=0.002)
    assert frames[20].captured - frames[19].captured == pytest.approx(0.1, abs=0.05)
    assert which(frames[20].image) == 0


def test_a_playlist_is_played_in_real_time(tmp_path: Path) -> None:
    options = {"hls_time": "0.2", "hls_list_size": "0", "hls_playlist_type": "vod"}
    with av.open(str(tmp_path / "list.m3u8"), "w", format="hls", options=options) as out:
        video = out.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        video.options = {"g": "5", "preset": "ultrafast", "bf": "0"}
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
            frame.pts = index
            out.mux(video.encode(frame))
        out.mux(video.encode())
    parts = list(tmp_path.glob("*.ts"))
    assert len(parts) > 1

    def answer(request: BaseHTTPRequestHandler) -> None:
        file = tmp_path / Path(request.path).name
        kind = "application/vnd.apple.mpegurl" if file.suffix == ".m3u8" else "video/mp2t"
        content(kind, file.read_bytes())(request)

    time = FakeTime()
    with serving(answer) as host:
        source = NetworkStream(f"http://{host}/list.m3u8", clock=time.clock, wait=time.wait)
        frames = list(islice(source.frames(), 20))
    assert [f.seconds for f in frames] == pytest.approx([n * 0.04 for n in range(20)], abs=0.002)
    assert [which(f.image) for f in frames][:15] == list(range(15))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusing(404), "404.*nothing at this address"),
        (refusing(401), "401.*name and password"),
        (refusing(500), "500.*check the address"),
        (endless("text/html", b"<html>" * 99), "nothing that can be shown"),
        (content("text/html", b"<html>" * 99), "nothing that can be shown"),
        (content("text/html", b""), "sends nothing"),
        (endless("video/mp2t", transport_stream(25, pictures=False)), "sends no picture"),
        (endless("video/mp2t"), "nothing that can be shown"),
    ],
)
def test_says_what_is_wrong_with_an_address(
    answer: Callable[[BaseHTTPRequestHandler], None], said: str
) -> None:
    with serving(answer) as host, pytest.raises(UserError, match=said) as caught:
        shown(f"http://name:secret@{host}/video?token=hidden", 1)
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_answers(scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"127.0.0.1:{port} cannot be reached \(") as caught:
            shown(f"{scheme}://me:secret@127.0.0.1:{port}/video", 1)
    assert "secret" not in str(caught.value)


def test_name_and_password_are_used_and_not_shown() -> None:
    right = "Basic " + base64.b64encode(b"me:se:cret@").decode()

    def guarded(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("Authorization") == right:
            mjpeg(0, 1, 2)(request)
            return
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="camera"')
        request.end_headers()

    with serving(guarded) as host:
        source, _ = stream(f"http://me:se%3Acret%40@{host}/video")
        assert source.label == f"http://{host}/video"
        assert which(next(source.frames()).image) == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("rtsp://me:pass@cam:554/live?key=1#x", "rtsp://cam:554/live"),
        ("http://cam/video", "http://cam/video"),
        ("udp://@239.0.0.1:5000", "udp://239.0.0.1:5000"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, said: str) -> None:
    assert show(url) == said
    assert open_live(url).label == said


PRODUCER = """
import sys, time, av
from clips import picture
out = av.open(sys.argv[1], "w", format="rtsp", options={"rtsp_transport": "tcp"})
video = out.add_stream("libx264", rate=25)
video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
video.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
for index in range(60):
    frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
    frame.pts = index
    out.mux(video.encode(frame))
    time.sleep(1.0 if index == 30 else 0.02)
"""


def test_rtsp_goes_on_after_a_pause_shorter_than_a_loss() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"rtsp://127.0.0.1:{port}/live"
    source, said = stream(url, options={"rtsp_flags": "listen", "listen_timeout": "20"})
    tests = Path(__file__).resolve().parents[2]
    waiting = f"import time, socket; time.sleep(0.5)\n{PRODUCER}"
    command = [sys.executable, "-c", waiting, url]
    with subprocess.Popen(command, cwd=tests, stderr=subprocess.DEVNULL) as producer:
        try:
            frames = list(islice(source.frames(), 40))
        finally:
            producer.kill()
    assert said == []
    assert len(frames) == 40
    assert max(later.seconds - earlier.seconds for earlier, later in pairwise(frames)) > 0.5


def test_a_certificate_that_is_not_trusted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "self-signed certificate"

    def opened(*_: object, **__: object) -> None:
        raise urllib.error.URLError(refused)

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", opened)
    with pytest.raises(UserError, match=r"\(self-signed certificate\): install that") as caught:
        shown("https://me:secret@cam/video", 1)
    assert "secret" not in str(caught.value)
