import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import pytest
import yaml

from niceml_engine.protocol.configs import FileText, OpReference, ReadFile
from niceml_engine.protocol.forms import Describe, Fit
from niceml_engine.values import (
    Choice,
    Composed,
    ConfigTree,
    Edge,
    FieldSpec,
    Job,
    JobSpec,
    Leaf,
    Node,
    OpSpec,
    Option,
    Origin,
    Problem,
    Project,
    Selection,
)
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from tests.gui.compose.described import FITTING, KNOWN, OUTPUT, heads_of

ROOT = "/project/configs"
JOB = "jobs/job_train/job_train_cls/job_train_cls_binary"
TRAIN = "ops.train.config"
PREDICTION = "ops.prediction.config"
INCLUDES = [
    (JOB, "ops/experiment/op_experiment_default", "ops.experiment.config"),
    (JOB, "ops/train/op_train_cls_binary", TRAIN),
    (JOB, "ops/prediction/op_prediction_cls", PREDICTION),
    (JOB, "ops/analysis/op_analysis_cls_binary", "ops.analysis.config"),
    (JOB, "ops/exptests/exptests_default", "ops.exptests.config.tests"),
    (JOB, "shared/locations/exp_locations", "globals"),
    ("ops/train/op_train_cls_binary", "ops/train/op_train_base", TRAIN),
    ("ops/train/op_train_cls_binary", "shared/datasets/dataset_cls_test", f"{TRAIN}.data_train"),
    ("ops/train/op_train_cls_binary", "shared/datasets/dataset_cls_test", f"{TRAIN}.data_validation"),
    ("ops/train/op_train_base", "ops/train/callbacks/callbacks_base", f"{TRAIN}.callbacks"),
    ("ops/train/op_train_base", "ops/train/train_params/trainparams_default", f"{TRAIN}.train_params"),
    ("ops/train/op_train_base", "ops/train/exp_initializer/exp_initializer_default", f"{TRAIN}.exp_initializer"),
    ("ops/prediction/op_prediction_cls", "shared/datasets/dataset_cls_test", f"{PREDICTION}.datasets.validation"),
    ("ops/prediction/op_prediction_cls", "shared/datasets/dataset_cls_test", f"{PREDICTION}.datasets.test"),
    ("ops/prediction/op_prediction_cls", "shared/datasets/dataset_cls_test", f"{PREDICTION}.datasets.train_eval"),
    (
        "ops/prediction/op_prediction_cls",
        "ops/prediction/prediction_handler/prediction_handler_vector",
        f"{PREDICTION}.prediction_handler",
    ),
    (
        "ops/prediction/op_prediction_cls",
        "ops/prediction/datasets/datasets_generic_default",
        f"{PREDICTION}.datasets",
    ),
    ("ops/prediction/op_prediction_cls", "ops/prediction/op_prediction_base", PREDICTION),
    ("shared/locations/exp_locations", "shared/credentials/credentials_minio", "globals.data_location.credentials"),
    (
        "shared/locations/exp_locations",
        "shared/credentials/credentials_minio",
        "globals.experiment_location.credentials",
    ),
]
UNUSED = [
    "ops/analysis/op_analysis_cls_softmax",
    "ops/train/op_train_cls_binary_mlp",
    "ops/train/train_params/trainparams_long",
    "ops/train/train_params/trainparams_smoke",
    "ops/train/callbacks/callbacks_none",
    "shared/datasets/dataset_cls_handwritten",
]


def file_of(node):
    return f"{ROOT}/{node}.yaml"


def set_by(node, line, package, text=""):
    return Origin(node, file_of(node), line, package, str(text))


def leaves():
    job, train, data = JOB, "ops/train/op_train_cls_binary", "shared/datasets/dataset_cls_test"
    params = "ops/train/train_params/trainparams_default"
    steps = "${niceml.to_int:${oc.env:STEPS_PER_EPOCH,null}}"
    found = [
        Leaf("globals.exp_name", "SampleClsBinary", set_by(job, 27, ""), resolved="SampleClsBinary"),
        Leaf("globals.exp_prefix", "CLB", set_by(job, 28, ""), resolved="CLB"),
        Leaf(
            "globals.data_location.uri",
            "${oc.env:DATA_URI,./data}/numbers_cropped_split",
            set_by(job, 30, ""),
            (set_by("shared/locations/exp_locations", 5, "globals", "./data"),),
            resolved="./data/numbers_cropped_split",
        ),
        Leaf("ops.experiment.config.copy_code", False, set_by("ops/experiment/op_experiment_default", 2, "")),
        Leaf(
            f"{TRAIN}.train_params.epochs",
            10,
            Origin("override", line=1, text=f"{TRAIN}.train_params.epochs=10"),
            (set_by(params, 2, f"{TRAIN}.train_params", 5),),
            resolved=10,
        ),
        Leaf(f"{TRAIN}.train_params.steps_per_epoch", steps, set_by(params, 3, "")),
    ]
    for name in ("data_train", "data_validation"):
        found += [
            Leaf(
                f"{TRAIN}.{name}.shuffle",
                True,
                set_by(train, 22, TRAIN),
                (set_by(data, 1, f"{TRAIN}.{name}", False),),
                resolved=True,
            ),
            Leaf(f"{TRAIN}.{name}.batch_size", 16, set_by(data, 2, f"{TRAIN}.{name}"), resolved=16),
            Leaf(f"{TRAIN}.{name}.subset", name[5:], set_by(data, 3, f"{TRAIN}.{name}"), resolved=name[5:]),
        ]
    found += [
        Leaf(f"{TRAIN}.model._target_", "niceml_engine.learning.models.SmallCnn", set_by(train, 32, TRAIN)),
        Leaf(f"{TRAIN}.model.filters", [16, 32, 64], set_by(train, 33, TRAIN), resolved=[16, 32, 64]),
        Leaf(f"{TRAIN}.model.dropout", 0.25, set_by(train, 34, TRAIN), resolved=0.25),
        Leaf(f"{TRAIN}.learning_rate", 0.001, set_by(train, 35, TRAIN), resolved=0.001),
        Leaf(f"{PREDICTION}.batch_size", 32, set_by("ops/prediction/op_prediction_base", 2, PREDICTION), resolved=32),
        Leaf("ops.analysis.config.threshold", 0.5, set_by("ops/analysis/op_analysis_cls_binary", 3, ""), resolved=0.5),
        Leaf("ops.exptests.config.tests.model_exists", True, set_by("ops/exptests/exptests_default", 2, "")),
    ]
    return tuple(
        msgspec.structs.replace(leaf, resolved=leaf.value) if leaf.resolved is None else leaf for leaf in found
    )


def nest(pairs):
    tree = {}
    for key, value in pairs:
        *way, last = key.split(".")
        node = tree
        for part in way:
            node = node.setdefault(part, {})
        node[last] = value
    return tree


def keys_by_line(tree, path=""):
    lines = []
    for name, value in tree.items():
        key = f"{path}.{name}" if path else name
        lines.append(key)
        if isinstance(value, dict):
            lines += keys_by_line(value, key)
        elif isinstance(value, list):
            lines += [""] * len(value)
    return lines


def choice(node, group, package, chosen, options, line=3, **more):
    separator = f"{group}@{package}"
    return Choice(
        separator, group, package, (chosen,) if chosen else (), tuple(options), node, file_of(node), line, **more
    )


def choices():
    train, prediction = "ops/train/op_train_cls_binary", "ops/prediction/op_prediction_cls"
    data = ["dataset_cls_handwritten", "dataset_cls_test"]
    return (
        choice(JOB, "ops/experiment", "ops.experiment.config", "op_experiment_default", ["op_experiment_default"]),
        choice(
            JOB,
            "ops/train",
            TRAIN,
            "op_train_cls_binary",
            ["op_train_base", "op_train_cls_binary", "op_train_cls_binary_mlp"],
        ),
        choice(
            "ops/train/op_train_base",
            "ops/train/train_params",
            f"{TRAIN}.train_params",
            "trainparams_default",
            ["trainparams_default", "trainparams_long", "trainparams_smoke"],
        ),
        choice(
            "ops/train/op_train_base",
            "ops/train/callbacks",
            f"{TRAIN}.callbacks",
            "callbacks_base",
            ["callbacks_base", "callbacks_none"],
            optional=True,
        ),
        choice(train, "shared/datasets", f"{TRAIN}.data_train", "dataset_cls_test", data),
        choice(train, "shared/datasets", f"{TRAIN}.data_validation", "dataset_cls_test", data),
        choice(JOB, "ops/prediction", PREDICTION, "op_prediction_cls", ["op_prediction_cls"]),
        choice(
            prediction,
            "ops/prediction/prediction_handler",
            f"{PREDICTION}.prediction_handler",
            "prediction_handler_vector",
            ["prediction_handler_vector"],
        ),
        choice(prediction, "shared/datasets", f"{PREDICTION}.datasets.test", "dataset_cls_test", data),
        choice(
            JOB,
            "ops/analysis",
            "ops.analysis.config",
            "op_analysis_cls_binary",
            ["op_analysis_cls_binary", "op_analysis_cls_softmax"],
        ),
        choice(JOB, "ops/exptests", "ops.exptests.config.tests", "exptests_default", ["exptests_default"]),
        choice(JOB, "shared/locations", "globals", "exp_locations", ["exp_locations"]),
    )


def compose(overrides=(f"{TRAIN}.train_params.epochs=10",), found=None):
    found = leaves() if found is None else found
    tree = nest((leaf.key, leaf.value) for leaf in found)
    resolved = nest((leaf.key, leaf.resolved) for leaf in found)
    ids = list(dict.fromkeys([JOB, *(target for _, target, _ in INCLUDES)]))
    return Composed(
        Selection(file_of(JOB), tuple(overrides)),
        digest="7f3a" * 16,
        dagster_job="job_train",
        yaml=yaml.safe_dump(tree, sort_keys=False),
        resolved_yaml=yaml.safe_dump(resolved, sort_keys=False),
        lines=tuple(keys_by_line(tree)),
        resolved_lines=tuple(keys_by_line(resolved)),
        leaves=found,
        heads=heads_of(found),
        nodes=tuple(Node(node, file_of(node)) for node in ids),
        bases=(f"{ROOT}/",),
        edges=tuple(Edge(source, target, package, 3) for source, target, package in INCLUDES),
        choices=choices(),
        problems=(
            Problem(
                "warning",
                "unset",
                "STEPS_PER_EPOCH is not set",
                file_of(JOB),
                3,
                f"{TRAIN}.train_params.steps_per_epoch",
            ),
        ),
        milliseconds=31.0,
    )


def config_tree():
    ids = sorted({target for _, target, _ in INCLUDES} | set(UNUSED))
    options = tuple(Option(*node.rsplit("/", 1), file_of(node), "what it is for") for node in ids)
    jobs = tuple(Job(node, file_of(node), "job_train") for node in (JOB, "jobs/job_data/job_data_generation"))
    return ConfigTree(options, jobs)


def reference():
    epochs = FieldSpec("train_params", "TrainParams", "How long to train.", example="epochs: 10")
    rate = FieldSpec("learning_rate", "float", "Step size of the optimizer.", 0.001, required=False)
    ops = [
        OpSpec(name, f"Does {name}.", (epochs, rate))
        for name in ("experiment", "train", "prediction", "analysis", "exptests")
    ]
    return OpReference(tuple(ops), (JobSpec("job_train", "Trains.", tuple(op.name for op in ops)),))


class QuietEngine(Engine):
    """Answers nothing but files, and keeps what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def ask(self, request, then=None, failed=None, timeout=30.0):
        self.asked.append(request)
        if isinstance(request, ReadFile) and then is not None:
            then(FileText(request.file, "defaults:\n  - base\nepochs: 5  # enough\n", "0"))
        return len(self.asked)

    def start(self):
        pass


class SampleSession(Session):
    """A session on the sample job that composes nothing by itself."""

    def __init__(self):
        super().__init__(QuietEngine())
        self.project = Project("/project", "number-digits", (ROOT,), config_tree())
        self.reference = reference()
        self.show(compose())
        self._composing = 0

    def show(self, composed):
        self.selection = composed.selection
        self.composed = composed
        self.stale = False
        self.composed_changed.emit()
        self.problems_changed.emit()


@pytest.fixture
def session(qapp):
    session = SampleSession()
    yield session
    session.close()


@pytest.fixture
def composed():
    return compose()


@pytest.fixture
def answers(session, monkeypatch):
    """What the service answers to each type of request."""
    found = {Describe: KNOWN, Fit: FITTING}

    def ask(request, then=None, failed=None, timeout=30.0):
        if type(request) in found and then is not None:
            then(found[type(request)])
        return 1

    monkeypatch.setattr(session.engine, "ask", ask)
    return found


@pytest.fixture
def pane(session, answers, qtbot):
    session.composed = msgspec.structs.replace(session.composed, leaves=(*session.composed.leaves, OUTPUT))
    pane = OpsPane(session)
    qtbot.addWidget(pane)
    pane.resize(440, 1400)
    pane.show()
    qtbot.waitExposed(pane)
    qtbot.waitUntil(lambda: pane.known.description == KNOWN)
    return pane
