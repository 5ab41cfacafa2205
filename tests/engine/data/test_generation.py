"""What generators draw, how samples are dealt out, and how digits are cut out."""

import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from niceml_engine.data.generation import FONTS, Drawn, PrintedDigits
from niceml_engine.data.generation_handwritten import HandwrittenDigits
from niceml_engine.data.generation_split import crop_digits, deal, read_scene, sample_id
from niceml_engine.errors import DataError

SUBSETS = {"train": 0.7, "validation": 0.1, "test": 0.2}


@pytest.fixture(scope="module")
def scenes() -> list[Drawn]:
    generator = PrintedDigits(sample_count=12, seed=3, width=320, height=240, grain=10)
    return [generator.draw(index) for index in range(len(generator))]


def test_each_box_is_exactly_where_the_mask_shows_its_digit(scenes: list[Drawn]) -> None:
    for drawn in scenes:
        rest = drawn.mask.copy()
        for digit in drawn.scene.digits:
            left, top, right, bottom = digit.box
            area = drawn.mask[top:bottom, left:right]
            assert set(np.unique(area)) == {0, int(digit.label) + 1}
            assert all(edge.any() for edge in (area[0], area[-1], area[:, 0], area[:, -1]))
            rest[top:bottom, left:right] = 0
        assert not rest.any()


def test_digits_stand_out_from_the_paper_whose_grain_never_wraps_around(scenes: list[Drawn]) -> None:
    for drawn in scenes:
        paper = np.ones(drawn.mask.shape, bool)
        for digit in drawn.scene.digits:
            left, top, right, bottom = digit.box
            paper[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = False
        assert drawn.image[paper].min() > 130
        assert np.percentile(drawn.image[drawn.mask > 0], 90) < 130


def test_scenes_hold_as_many_digits_as_asked_and_all_classes_equally_often() -> None:
    generator = PrintedDigits(sample_count=40, seed=1, width=256, height=256, digits_per_scene=(2, 4))
    scenes = [generator.draw(index).scene for index in range(40)]
    assert {len(scene.digits) for scene in scenes} == {2, 3, 4}
    counts = np.bincount([int(digit.label) for scene in scenes for digit in scene.digits], minlength=10)
    assert counts.max() - counts.min() <= 1
    assert len({digit.font for scene in scenes for digit in scene.digits}) == len(list(FONTS.glob("*.?t?")))


def test_more_scenes_leave_the_first_ones_as_they_were() -> None:
    few, many = (PrintedDigits(sample_count=count, seed=5, width=128, height=128) for count in (2, 9))
    assert few.files(1) == many.files(1)
    assert few.files(1) != PrintedDigits(sample_count=2, seed=6, width=128, height=128).files(1)


def test_a_scene_too_small_for_its_digits_gets_fewer_of_them() -> None:
    generator = PrintedDigits(sample_count=1, width=64, height=64, digits_per_scene=(8, 8), digit_height=(0.5, 0.5))
    assert 1 <= len(generator.draw(0).scene.digits) < 8


def test_the_mask_file_keeps_its_values_and_the_label_file_reads_back() -> None:
    generator = PrintedDigits(sample_count=1, width=128, height=96)
    files, drawn = generator.files(0), generator.draw(0)
    assert sorted(files) == ["00000.json", "00000.png", "00000_mask.png"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(files["00000_mask.png"]))), drawn.mask)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(files["00000.png"]))), drawn.image)
    assert read_scene(files["00000.json"], "00000.json") == drawn.scene
    assert msgspec.json.decode(files["00000.json"])["digits"][0]["class"] == drawn.scene.digits[0].label


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"sample_count": 0}, "sample_count"),
        ({"digits_per_scene": (5, 2)}, "digits_per_scene"),
        ({"digits_per_scene": (5,)}, "digits_per_scene"),
        ({"digit_height": (0.0, 2.0)}, "digit_height"),
        ({"width": 4}, "4x1024"),
        ({"grain": -1}, "grain"),
        ({"fonts": "/no/such/folder"}, "/no/such/folder"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(DataError, match=named):
        PrintedDigits(**options)


def test_a_broken_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(DataError, match=r"broken\.ttf"):
        PrintedDigits(sample_count=1, width=64, height=64, fonts=str(tmp_path)).draw(0)


def test_handwritten_digits_are_dark_on_white_and_named_after_their_class() -> None:
    generator = HandwrittenDigits(size=16)
    assert len(generator) == 1797
    files = generator.files(1796)
    assert list(files) == ["01796_0_8.png"]
    pixels = np.asarray(Image.open(io.BytesIO(files["01796_0_8.png"])))
    assert pixels.shape == (16, 16)
    assert pixels.min() < 40
    assert pixels[:, :2].mean() > 200


def test_samples_are_dealt_out_by_their_fractions_whatever_their_order() -> None:
    ids = [f"{index:05}" for index in range(100)]
    dealt = deal(ids, SUBSETS, seed=1)
    assert dealt == deal(ids[::-1], SUBSETS, seed=1)
    assert dealt != deal(ids, SUBSETS, seed=2)
    assert {name: list(dealt.values()).count(name) for name in SUBSETS} == {"train": 70, "validation": 10, "test": 20}


@pytest.mark.parametrize("count", [3, 4, 5, 17])
def test_few_samples_leave_no_subset_empty(count: int) -> None:
    dealt = deal([str(index) for index in range(count)], SUBSETS, seed=1)
    assert len(dealt) == count
    assert set(dealt.values()) == set(SUBSETS)


@pytest.mark.parametrize("subsets", [{"train": 0.7, "test": 0.2}, {"train": 1.5, "test": -0.5}, {}])
def test_fractions_that_do_not_add_up_are_refused(subsets: dict[str, float]) -> None:
    with pytest.raises(DataError, match="add up to 1"):
        deal(["1"], subsets, seed=1)


def test_crops_are_named_and_show_only_their_digit(scenes: list[Drawn]) -> None:
    for drawn in scenes:
        buffer = io.BytesIO()
        Image.fromarray((drawn.mask > 0).astype(np.uint8) * 255).save(buffer, "PNG")
        crops = crop_digits(buffer.getvalue(), drawn.scene, 48, 0.1, "mask")
        assert list(crops) == [f"{sample_id(drawn.scene.image)}_{d.n}_{d.label}.png" for d in drawn.scene.digits]
        for digit, content in zip(drawn.scene.digits, crops.values(), strict=True):
            pixels = np.asarray(Image.open(io.BytesIO(content)))
            left, top, right, bottom = digit.box
            scale = 48 / (max(right - left, bottom - top) * 1.2)
            covered = (drawn.mask[top:bottom, left:right] > 0).sum() * scale**2
            assert pixels.shape == (48, 48)
            assert (pixels / 255).sum() == pytest.approx(covered, rel=0.05, abs=8)


def test_a_broken_image_and_a_broken_label_file_are_named(scenes: list[Drawn]) -> None:
    with pytest.raises(DataError, match=r"folder/00001\.png: the image is broken"):
        crop_digits(b"no image", scenes[1].scene, 32, 0.1, "folder/00001.png")
    with pytest.raises(DataError, match=r"folder/00001\.json: the label file cannot be read"):
        read_scene(b"[]", "folder/00001.json")
