"""Sound laid on the pictures' clock: an unbroken line of 48 kHz stereo, whatever comes in."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np

from unmask_live.types import Floats

RATE = 48000
BLOCK = 1024
"""Samples that AAC takes at once."""
_JUMP = 0.03
"""Seconds, about a frame, by which a piece may miss its place before silence is put in or its
beginning cut off; below, it is moved by stretching."""
_CALM = 1.0
"""Seconds over which misses are averaged, and in which one is made good: the times that devices
give jitter, and sound that followed each would warble."""
_STRETCH = 0.005
"""Most by which sound is made longer or shorter: a twelfth of a semitone, which nobody hears."""


class SoundTrack:
    """Puts pieces of sound where their times say, from 0 on, in blocks for an encoder.

    A gap becomes silence. A device's clock that runs fast or slow is followed by stretching by at
    most 0.5 %, so that sound and pictures stay together however long it takes.
    """

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None
        self._format: tuple[str, str, int] | None = None
        self._waiting: list[Floats] = []
        self._last = np.zeros((2, 1), np.float32)
        self._miss = 0.0
        self._begun = False
        self.length = 0
        """Samples laid so far, those that wait to fill a block included."""

    def add(self, frame: av.AudioFrame, seconds: float) -> None:
        """Lay sound of any format that begins at ``seconds``; what lies before 0 is cut off."""
        sound = self._resampled(frame)
        miss = round(seconds * RATE) - self.length
        if self._begun and abs(miss) <= _JUMP * RATE:
            sound = self._stretched(sound, self._correction(sound.shape[1], miss))
        else:
            self._miss = 0.0
            self.fill(seconds)
            sound = sound[:, max(0, -miss) :]
        self._begun = self._begun or sound.shape[1] > 0
        self._lay(sound)

    def fill(self, seconds: float) -> None:
        """Lay silence up to ``seconds``, if there is none of it yet."""
        missing = round(seconds * RATE) - self.length
        if missing > 0:
            self._lay(np.zeros((2, missing), np.float32))

    def cut(self, seconds: float) -> None:
        """Take off again what lies after ``seconds``, as far as it has not been handed out."""
        surplus = self.length - round(seconds * RATE)
        if surplus > 0 and self._waiting:
            whole = np.concatenate(self._waiting, axis=1)
            kept = whole[:, : max(0, whole.shape[1] - surplus)]
            self.length -= whole.shape[1] - kept.shape[1]
            self._waiting = [kept]

    def blocks(self, *, all_of_it: bool = False) -> Iterator[Floats]:
        """Yield what is laid in 2×`BLOCK` float32 pieces in -1..1; the last is filled if asked."""
        if not self._waiting:
            return
        whole = np.concatenate(self._waiting, axis=1)
        if all_of_it:
            short = -whole.shape[1] % BLOCK
            whole = np.pad(whole, ((0, 0), (0, short)))
            self.length += short
        end = whole.shape[1] - whole.shape[1] % BLOCK
        self._waiting = [whole[:, end:]]
        for start in range(0, end, BLOCK):
            yield whole[:, start : start + BLOCK]

    def _resampled(self, frame: av.AudioFrame) -> Floats:
        """Return a piece as 2×N float32 at `RATE`."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._format:  # another device, another format
            self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            self._format = kind
        pieces = [piece.to_ndarray() for piece in self._resampler.resample(frame)]
        if not pieces:
            return np.zeros((2, 0), np.float32)
        sound: Floats = np.concatenate(pieces, axis=1).astype(np.float32, copy=False)
        return sound

    def _correction(self, size: int, miss: int) -> int:
        """Return by how many samples to lengthen a piece that comes ``miss`` samples late."""
        share = min(1.0, size / RATE / _CALM)
        self._miss += (miss - self._miss) * share
        most = int(size * _STRETCH)
        return max(-most, min(most, round(self._miss * share)))

    def _stretched(self, sound: Floats, more: int) -> Floats:
        """Return the piece ``more`` samples longer (or shorter)."""
        size = sound.shape[1]
        if not more:
            return sound
        # From the last sample laid to the last of this piece, so that nothing jumps in between.
        known = np.concatenate([self._last, sound], axis=1)
        places = np.arange(1, size + more + 1) * (size / (size + more))
        line = np.arange(size + 1)
        return np.stack([np.interp(places, line, part) for part in known]).astype(np.float32)

    def _lay(self, sound: Floats) -> None:
        if sound.shape[1]:
            self._waiting.append(sound)
            self._last = sound[:, -1:]
            self.length += sound.shape[1]
