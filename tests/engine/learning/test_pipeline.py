from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from PIL import Image

from niceml_engine.data.pipeline import Augmentation, ImageDataset, class_of
from niceml_engine.errors import DataError
from niceml_engine.learning.data_description import ClassificationData

TWO = ClassificationData(classes=["a", "b"], image_size=[4, 6])


def write(folder: Path, **images: int) -> Path:
    (folder / "train").mkdir(parents=True)
    for name, grey in images.items():
        Image.new("RGB", (12, 8), (grey, grey, grey)).save(folder / "train" / f"{name}.png")
    return folder


def dataset(folder: Path | str, **changes: Any) -> ImageDataset:
    return ImageDataset(**{"location": {"uri": str(folder)}, "subset": "train", "data_description": TWO} | changes)


def batches(data: Any, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(images.numpy(), labels.numpy()) for images, labels in data.take(count)]


def test_images_of_listed_classes_are_decoded_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = write(tmp_path, x2_1_b=200, x1_1_a=100, x1_2_c=50, nothing=10)
    (folder / "train" / "readme.txt").write_text("no image")
    images = dataset(folder).load({})
    assert images.files == ("x1_1_a.png", "x2_1_b.png")
    assert images.labels.tolist() == [0, 1]
    assert images.pixels.shape == (2, 4, 6, 1)
    assert images.pixels[1].flatten().tolist() == [200] * 24


def test_buckets_give_the_same_images_as_folders(tmp_path: Path) -> None:
    folder = write(tmp_path, x1_1_a=100, x2_1_b=200, x3_1_b=210)
    memory = fsspec.filesystem("memory")
    memory.put(str(folder / "train"), "/pipeline/", recursive=True)
    local, remote = dataset(folder).load({}), dataset("memory://pipeline").load({})
    assert remote.files == local.files
    assert np.array_equal(remote.pixels, local.pixels)


def test_images_are_decoded_once_for_each_description(tmp_path: Path) -> None:
    folder = write(tmp_path, x1_1_a=100, x2_1_b=200)
    cache: dict[str, object] = {}
    first = dataset(folder).load(cache)
    shutil.rmtree(folder / "train")
    assert dataset(folder, batch_size=3).load(cache) is first
    with pytest.raises(DataError, match="there is no folder"):
        dataset(folder, data_description=ClassificationData(["a", "b"], [5, 5])).load(cache)


def test_training_batches_are_full_endless_and_repeatable(tmp_path: Path) -> None:
    folder = write(tmp_path, **{f"x{i}_1_{'ab'[i % 2]}": i * 20 for i in range(5)})
    shuffled = dataset(folder, batch_size=2, shuffle=True, seed=3, augmentation=Augmentation(0.1, 10, 0.1))
    images = shuffled.load({})
    first, again = batches(shuffled.training(images), 6), batches(shuffled.training(images), 6)
    assert all(pixels.shape == (2, 4, 6, 1) for pixels, _ in first)
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    rest = batches(shuffled.training(images, skip=4), 2)
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(first[4:], rest, strict=True))
    epochs = np.concatenate([pixels[:, 0, 0, 0] for pixels, _ in batches(dataset(folder).training(images), 1)])
    assert sorted(epochs[:5].tolist()) == pytest.approx([i * 20 / 255 for i in range(5)])


def test_evaluation_batches_hold_every_image_once(tmp_path: Path) -> None:
    folder = write(tmp_path, **{f"x{i}_1_{'ab'[i % 2]}": i * 20 for i in range(5)})
    data = dataset(folder, batch_size=2)
    found = batches(data.evaluation(data.load({})), 9)
    assert [len(labels) for _, labels in found] == [2, 2, 1]
    assert [label for _, labels in found for label in labels.flatten()] == [0, 1, 0, 1, 0]
    assert found[-1][0].max() == pytest.approx(80 / 255)


def test_augmentation_changes_each_image_on_its_own_and_no_image_by_nothing() -> None:
    import tensorflow as tf

    images = tf.constant(np.random.default_rng(0).random((3, 16, 16, 1)), tf.float32)
    same = Augmentation().apply(images, (1, 2)).numpy()
    assert same == pytest.approx(images.numpy(), abs=1e-5)
    image = tf.repeat(images[:1], 3, axis=0)
    changed = Augmentation(shift=0.2, rotation=20, zoom=0.2).apply(image, (1, 2)).numpy()
    assert changed.shape == (3, 16, 16, 1)
    assert not np.allclose(changed[0], changed[1])
    assert not np.allclose(changed[1], changed[2])


def test_broken_image_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, x1_1_a=100, x2_1_b=200)
    broken = folder / "train" / "x2_1_b.png"
    broken.write_bytes(broken.read_bytes()[:40])
    with pytest.raises(DataError, match=r"x2_1_b\.png.* is not a readable image") as caught:
        dataset(folder).load({})
    assert caught.value.file == str(broken)


def test_empty_folder_is_told_from_one_without_the_listed_classes(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    with pytest.raises(DataError, match="holds no images"):
        dataset(tmp_path).load({})
    Image.new("L", (2, 2)).save(tmp_path / "train" / "x_1_c.png")
    with pytest.raises(DataError, match=r"`data_description.classes` a, b; it has c"):
        dataset(tmp_path).load({})


def test_a_subset_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"no folder {tmp_path}/x; correct `location.uri`, or make the data first"):
        dataset(tmp_path / "x").load({})
    with pytest.raises(DataError, match=r"no folder train in .*, nor other images; correct `location.uri`"):
        dataset(tmp_path).load({})
    (tmp_path / "readme.txt").write_text("no subset")
    for name in ("test", "all"):
        write(tmp_path / name, x1_1_a=1)
        (tmp_path / name / "train").rename(tmp_path / f"{name}_")
    with pytest.raises(DataError, match=rf"no folder train in {tmp_path}; `subset` may be all_, test_$"):
        dataset(tmp_path).load({})
    with pytest.raises(DataError, match="no folder memory://nowhere; correct"):
        dataset("memory://nowhere").load({})


def test_classes_without_images_are_known(tmp_path: Path) -> None:
    data = dataset(write(tmp_path, x1_1_a=1))
    assert data.without_images(data.load({})) == ("b",)


@pytest.mark.parametrize(
    ("path", "found"),
    [("a/b/7_2_x.png", "x"), ("7_a_2_x.PNG", "x"), ("7_x.png", None), ("7_2_x.jpg", None), ("7_2_.png", None)],
)
def test_class_stands_at_the_end_of_the_name(path: str, found: str | None) -> None:
    assert class_of(path) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": ["a"]},
        {"classes": ["a", "a"]},
        {"image_size": [4]},
        {"image_size": [0, 4]},
        {"channels": 2},
    ],
)
def test_impossible_descriptions_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(wrong))):
        ClassificationData(**{"classes": ["a", "b"], "image_size": [4, 4]} | wrong)
