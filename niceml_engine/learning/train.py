"""The op `train`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from niceml_engine.data.pipeline import ImageDataset, load
from niceml_engine.errors import DataError, NicemlError, OpError, StoreError
from niceml_engine.jobs.advice import cause_line
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.blaming import culprit, made_of
from niceml_engine.learning.build import build
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.device import use_device
from niceml_engine.store.models import MODELS, SavedModels, read_models


def run(context: OpContext) -> None:
    """Trains a model and saves it in the experiment folder.

    Raises:
        NicemlError: There is no such device; config, data or model do not fit; or the loss turned NaN.
    """
    own = context.own
    with context.phase("import Keras"):
        use_device(context.run_info.get("device", ""))
        import_module("keras")
        from niceml_engine.learning.callbacks import RunCallback
        from niceml_engine.learning.preparing import OptimizerReady, Resume
        from niceml_engine.learning.reporter import Reporter
    from omegaconf import OmegaConf

    initializer = build(own, "exp_initializer")
    if initializer is not None:
        initializer()
    train_data: ImageDataset = build(own, "data_train")
    validation_data: ImageDataset | None = build(own, "data_validation")
    with context.phase("load data"):
        train_images = load(train_data, context)
        validation_images = None
        if validation_data is not None:
            validation_images = load(validation_data, context)
    missing = ", ".join(train_data.without_images(train_images))
    if missing:
        raise DataError(
            f"{train_data.folder.uri} has no image of class {missing}; add some, or take it out of `classes`",
            key="ops.train.config.data_train.data_description.classes",
        )
    context.log(f"{len(train_images)} images to train, {len(validation_images or ())} to validate")

    epochs, steps = _length(own, len(train_images), train_data.batch_size)
    with context.phase("build model"):
        model = make_model(build(own, "model"), train_data.data_description, OmegaConf.select(own, "model"))
        build(own, "learner").compile(model)
    context.log(f"{model.name}: {model.count_params():,} parameters")
    validation = None
    if validation_data is not None and validation_images is not None:
        validation = validation_data.evaluation(validation_images)
    callbacks = _callbacks(context)
    reporter = Reporter([one for one in callbacks if isinstance(one, RunCallback)], train_data.batch_size)
    callbacks = [reporter, *callbacks, OptimizerReady(), Resume()]
    resumed = _resumed(context)
    for callback in callbacks:
        if isinstance(callback, RunCallback):
            callback.resumed = resumed
            callback.bind(context, epochs, steps)
    done = resumed.last_epoch if resumed is not None else 0
    with reporter, whole_tracebacks():
        model.fit(
            train_data.training(train_images, skip=done * steps),
            epochs=epochs,
            initial_epoch=done,
            steps_per_epoch=steps,
            validation_data=validation,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
    for callback in callbacks:
        best = getattr(callback, "best", None)
        if isinstance(best, str):
            context.cache[f"model:{best}"] = model


def make_model(source: Any, data: ClassificationData, config: Any = None) -> Any:
    """Makes a model from what the config built: a `keras.Model`, or something that makes one for a data description.

    Args:
        source: What the config built.
        data: What the model is for.
        config: What it was built from, so that the argument can be named that is to blame.

    Raises:
        OpError: It is neither, or cannot be built.
    """
    import keras
    from omegaconf import DictConfig

    key = str(config._get_full_key(None)) if isinstance(config, DictConfig) else "ops.train.config.model"
    if not callable(source):
        raise OpError(
            f"`model` made a {type(source).__name__}, not a keras.Model or a function that makes one", key=key
        )
    try:
        model = source if isinstance(source, keras.Model) else source(data)
        if isinstance(model, keras.Model) and not model.built:
            model.build((None, *data.input_shape))
    except NicemlError:
        raise
    except Exception as error:  # whatever a person's own code may raise
        raise OpError(
            f"the model cannot be built: {type(error).__name__}: {cause_line(error)}",
            key=culprit(error, made_of(config, source)) or key,
            details=repr(error),
        ) from error
    if not isinstance(model, keras.Model):
        raise OpError(f"`model` made a {type(model).__name__} for the data, not a keras.Model", key=key)
    return model


@contextmanager
def whole_tracebacks() -> Iterator[None]:
    """Lets Keras raise with its own frames, which it leaves out elsewhere: they tell which of its objects failed."""
    import keras

    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()


def _length(own: Any, images: int, batch_size: int) -> tuple[int, int]:
    params = own.train_params
    epochs, steps = int(params.epochs), params.get("steps_per_epoch")
    steps = max(1, images // batch_size) if steps is None else int(steps)
    for name, value in (("epochs", epochs), ("steps_per_epoch", steps)):
        if value < 1:
            raise OpError(f"`{name}` must be 1 or more, not {value}", key=f"ops.train.config.train_params.{name}")
    return epochs, steps


def _resumed(context: OpContext) -> SavedModels | None:
    """What was saved of the training before, where it goes on: by the run that this one continues, or by an attempt."""
    models = _last_saved(context) if context.run_info.get("resumed") or context.attempt > 1 else None
    if context.attempt > 1:
        how = "begins anew, without a checkpoint to go on from"
        if models is not None:
            how = f"goes on at epoch {models.last_epoch + 1}, after the checkpoint of epoch {models.last_epoch}"
        context.log(f"attempt {context.attempt} {how}")
    return models


def _last_saved(context: OpContext) -> SavedModels | None:
    """The checkpoints of the experiment, if the last one is of this training and still there."""
    folder = context.experiment
    if folder is None or not folder.exists(MODELS):
        return None
    try:
        models = read_models(folder)
    except StoreError:  # it was being written when the disk was full
        return None
    own = context.run_info.get("resumed") or models.last in context.saved  # else it is of an earlier training
    return models if own and models.last_epoch and folder.exists(models.last) else None


def _callbacks(context: OpContext) -> list[Any]:
    built = build(context.own, "callbacks") or {}
    chosen = list(built.values() if isinstance(built, Mapping) else built)
    return [callback for callback in chosen if callback is not None]
