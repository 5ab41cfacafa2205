from __future__ import annotations

import io
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from niceml_engine.protocol.samples import Picture
from niceml_engine.store import pictures
from niceml_engine.store.location import Location
from niceml_engine.store.pictures import is_inside, read_pictures
from tests.engine.s3 import S3


def encoded(array: np.ndarray, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, form)
    return out.getvalue()


GREY = encoded(np.arange(64, dtype=np.uint8).reshape(8, 8))
WIDE = encoded(np.full((100, 400, 3), 200, np.uint8), "JPEG")


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    if request.param == "file":
        return Location(str(tmp_path / "images"))
    server: S3 = request.getfixturevalue("s3")
    return Location(f"s3://{server.bucket}/{uuid.uuid4().hex}", server.options)


def write(place: Location, **files: bytes) -> None:
    system, base = place.open()
    system.makedirs(base, exist_ok=True)
    for name, content in files.items():
        system.pipe_file(f"{base}/{name}", content)


def pixels(picture: Picture) -> np.ndarray:
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image)


def test_images_come_in_the_order_asked_for_and_what_is_missing_says_so(place: Location) -> None:
    write(place, grey=GREY, wide=WIDE, text=b"no image")
    small, gone, wide, text = read_pictures(place, ["grey", "gone", "wide", "text"], 96)
    assert np.array_equal(pixels(small), np.arange(64).reshape(8, 8))
    assert (small.width, small.height, small.problem) == (8, 8, "")
    assert pixels(wide).shape == (24, 96, 3)
    assert (wide.width, wide.height) == (400, 100)
    assert gone.problem == f"{place.uri}/gone is not there any more"
    assert text.problem == f"{place.uri}/text is not a readable image"
    assert not gone.png


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    place = Location(str(tmp_path / "images"))
    write(place, one=GREY)
    (tmp_path / "secret").write_bytes(GREY)
    names = ["../secret", str(tmp_path / "secret"), "one"]
    first, second, third = read_pictures(place, names, 96)
    assert "lies outside of" in first.problem
    assert "lies outside of" in second.problem
    assert third.png
    assert is_inside("a/b.png")
    assert not any(map(is_inside, ("", "a//b", "a/../b", "\\\\host\\a", "C:\\a", "s3://a/b", "/a")))


def test_images_of_many_bits_are_stretched_to_what_they_take_up(tmp_path: Path) -> None:
    deep = encoded(np.array([[1000, 1000], [1040, 1200]], np.uint16))
    write(Location(str(tmp_path)), deep=deep)
    (picture,) = read_pictures(Location(str(tmp_path)), ["deep"], 96)
    assert pixels(picture).tolist() == [[0, 0], [51, 255]]


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Location(str(tmp_path)), wide=WIDE, grey=GREY)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    monkeypatch.setattr(pictures, "MAX_BYTES", len(WIDE))
    wide, grey = read_pictures(Location(str(tmp_path)), ["wide", "grey"], 96)
    assert "has more than 0 million pixels" in wide.problem
    assert grey.png
    monkeypatch.setattr(pictures, "MAX_BYTES", 10)
    (wide,) = read_pictures(Location(str(tmp_path)), ["wide"], 96)
    assert "is larger than 0 MB" in wide.problem
