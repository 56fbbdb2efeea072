from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from train import config
from train.config import Common
from train.fit import RECIPES, module_of
from unmask_live.errors import UserError


@dataclass(frozen=True)
class Config(Common):
    width: int = 8
    name: str = 'a "quoted" \\ word'
    widths: tuple[int, ...] = (1, 2)
    rate: float = 2e-4


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "some.toml"
        path.write_text(text)
        return path

    return write


def test_settings_come_back_as_they_were_written(file):
    made = Config(width=3, widths=(4, 5, 6), compile=True, minutes=0.5)
    assert config.read(file(config.text(made)), Config) == made
    assert config.differences(made, Config(width=3)) == ["minutes", "compile", "widths"]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_writes_settings_that_it_can_read(name, file):
    kind = module_of(name).Config
    assert config.read(file(config.text(kind())), kind) == kind()


def test_every_shipped_file_fits_its_recipe():
    files = sorted(Path("train/recipes").glob("*.toml"))
    assert files
    for path in files:
        kind = module_of(path.stem.removesuffix("-gpu").removesuffix("-512")).Config
        assert config.differences(config.read(path, kind), kind())


def test_a_file_changes_what_it_names_and_whole_numbers_serve_as_decimals(file):
    made = config.read(file("width = 4\nrate = 1\nwidths = [7]"), Config)
    assert made == Config(width=4, rate=1.0, widths=(7,))
    assert isinstance(made.rate, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("widht = 4", "'widht' is no setting of this recipe; did you mean 'width'"),
        ("zzz = 4", "known are seed, batch"),
        ("width = 4.5", "width is 4.5, wanted int"),
        ("width = true", "wanted int"),
        ("compile = 1", "wanted bool"),
        ("widths = 3", "wanted"),
        ("widths = ['a']", "is 'a', wanted int"),
        ("rate = nan", "wanted float"),
        ("batch = 0", "batch is 0, wanted at least 1"),
        ("validation = -3", "validation is -3, wanted at least 1"),
        ("width =", "is no TOML"),
        ("[loop]\nwidth = 1", "'loop' is no setting"),
    ],
)
def test_what_is_wrong_is_refused_in_one_sentence(text, message, file):
    with pytest.raises(UserError, match=message):
        config.read(file(text), Config)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UserError, match="missing: --config"):
        config.read(tmp_path / "no.toml", Config)


def test_words_of_the_command_line():
    made = config.parsed(Config(), ["width=3", "name=bare word", "widths=[1, 2, 3]", "rate=2"])
    assert made == Config(width=3, name="bare word", widths=(1, 2, 3), rate=2.0)
    with pytest.raises(UserError, match="KEY=VALUE"):
        config.parsed(Config(), ["width"])
