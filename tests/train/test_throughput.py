from __future__ import annotations

import portrait_faces
import pytest

from train import throughput


def test_every_figure_of_a_recipe(tmp_path, capsys):
    data = portrait_faces.write(tmp_path / "data", 2)
    sets = ["width=4", "batch=2", "workers=1", f"cache={tmp_path}"]
    words = ["unet", "--data", str(data), "--seconds", "0.1", "--set", *sets]
    throughput.main(words)
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    figures = {what: float(value) for value, what in rows}
    assert figures["CPU milliseconds an example"] > 0
    assert figures["data alone, 1 workers, a second"] > 0
    assert any(name.startswith("training on") and value > 0 for name, value in figures.items())
    assert 0 <= figures["of that, waiting for data, %"] <= 100


def test_a_rate_counts_examples_and_not_batches(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(throughput.time, "monotonic", lambda: float(next(clock)))
    assert throughput.rate(lambda: None, 8, 4.0) == pytest.approx(8 * 3 / 4)


def test_a_misspelt_setting_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        throughput.main(["unet", "--data", str(tmp_path), "--set", "widht=3"])
    assert "did you mean 'width'" in capsys.readouterr().err
