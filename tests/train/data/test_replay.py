from __future__ import annotations

import torch

from train.data.replay import Replay


def batch(count: int = 8):
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(count, 4, 6, 3)
    kinds = torch.zeros(count, 2, dtype=torch.long)
    kinds[count // 2 :, 0] = 1
    return images.clone(), torch.ones(count, 2, 4), torch.ones(count, 2, 5, 2), kinds


def heat(*hot: int, count: int = 8):
    logits = torch.full((count, 2, 3), -5.0)
    for place in hot:
        logits[place, 1, 1] = 3.0
    return logits


def test_only_faceless_frames_that_fool_are_kept():
    replay = Replay(share=0.25)
    images, _, _, kinds = batch()
    replay.learn(images, kinds, heat(2, 6))  # 6 has a face
    assert len(replay) == 1


def test_a_kept_frame_comes_back_without_faces_until_it_fools_no_more():
    replay = Replay(share=0.25)
    images, boxes, points, kinds = batch()
    replay.mix(images, boxes, points, kinds)
    assert boxes.min() == 1, "an empty store changes nothing"
    replay.learn(images, kinds, heat(3))
    images, boxes, points, kinds = batch()
    kinds[0] = 1
    replay.mix(images, boxes, points, kinds)
    assert (images[0] == 3).all()
    assert kinds[0].max() == 0
    assert boxes[0].max() == 0
    assert boxes[1].min() == 1
    replay.learn(images, kinds, heat(0))
    assert len(replay) == 1, "it still fools, and is not kept twice"
    replay.mix(images, boxes, points, kinds)
    replay.learn(images, kinds, heat())
    assert len(replay) == 0


def test_the_store_keeps_the_hardest():
    replay = Replay(size=2, share=0.25)
    images, _, _, kinds = batch()
    logits = heat(0, 1, 2)
    logits[1] += 4
    logits[2] += 2
    replay.learn(images, kinds, logits)
    assert len(replay) == 2
    again, boxes, points, kinds = batch()
    replay.mix(again, boxes, points, kinds)
    assert {int(again[0, 0, 0, 0]), int(again[1, 0, 0, 0])} == {1, 2}
