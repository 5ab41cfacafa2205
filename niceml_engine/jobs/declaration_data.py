"""The ops and the job that make data."""

from __future__ import annotations

from niceml_engine.values import FieldSpec, JobSpec, OpSpec

_LOCATION = FieldSpec(
    name="location",
    expects="niceml_engine.store.location.Location",
    description="Where the data lie: a folder or any URL, and the credentials for it.",
    example="location:\n  uri: s3://bucket/data\n  credentials: ${globals.data_location.credentials}",
)
_WORKERS = FieldSpec(
    name="workers",
    expects="int",
    description="Threads that work at once; 0 uses all cores. The result is the same with any number.",
    required=False,
    default=0,
    example="workers: 4",
    least=0,
)


def _folder(name: str, description: str, example: str) -> FieldSpec:
    return FieldSpec(name=name, expects="str", description=description, example=f"{name}: {example}")


DATA_OPS: tuple[OpSpec, ...] = (
    OpSpec(
        name="data_generation",
        description="Makes samples and writes them, with their label files and masks, into one folder.",
        function="niceml_engine.data.generation_ops:data_generation",
        fields=(
            FieldSpec(
                name="generator",
                expects="niceml_engine.data.generation.Generator",
                description="Makes the samples: has a length, and `files(index)` returns the files of one by name.",
                example="generator:\n  _target_: niceml_engine.data.generation.PrintedDigits\n  sample_count: 60",
            ),
            _LOCATION,
            _folder("target", "Folder below the location that the samples are written to.", "numbers"),
            _WORKERS,
        ),
    ),
    OpSpec(
        name="data_split",
        description="Deals the samples out to subsets; all files of a sample stay together.",
        function="niceml_engine.data.generation_ops:data_split",
        fields=(
            _LOCATION,
            _folder("source", "Folder below the location that holds the samples.", "numbers"),
            _folder("target", "Folder below the location that gets a folder per subset.", "numbers_split"),
            FieldSpec(
                name="subsets",
                expects="dict[str, float]",
                description="Fraction of the samples for each subset; together 1.",
                required=False,
                default={"train": 0.7, "validation": 0.1, "test": 0.2},
                example="subsets:\n  train: 0.7\n  validation: 0.1\n  test: 0.2",
                least=0,
                most=1,
            ),
            FieldSpec(
                name="seed",
                expects="int",
                description="The same samples and seed give the same subsets.",
                required=False,
                default=40,
                example="seed: 1",
            ),
            _WORKERS,
        ),
    ),
    OpSpec(
        name="data_crop",
        description="Cuts each digit of each scene out; data with one digit to an image are left as they are.",
        function="niceml_engine.data.generation_ops:data_crop",
        fields=(
            _LOCATION,
            _folder("source", "Folder below the location that holds scenes and label files.", "numbers_split"),
            _folder("target", "Folder below the location that gets the crops.", "numbers_cropped_split"),
            FieldSpec(
                name="size",
                expects="int",
                description="Width and height of the crops in pixels.",
                required=False,
                default=64,
                example="size: 32",
                least=1,
            ),
            FieldSpec(
                name="margin",
                expects="float",
                description="Space left around a digit, as a fraction of its longer side.",
                required=False,
                default=0.15,
                example="margin: 0.1",
                least=0,
            ),
            _WORKERS,
        ),
    ),
)

DATA_JOBS: tuple[JobSpec, ...] = (
    JobSpec(
        name="job_data_generation",
        description="Generates data, splits them into subsets and cuts the digits out.",
        ops=tuple(op.name for op in DATA_OPS),
    ),
)
