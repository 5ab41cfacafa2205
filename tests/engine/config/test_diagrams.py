"""The defaults graph as text for Graphviz and Mermaid."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.diagrams import defaults_diagram
from niceml_engine.config.projects.setting import Setting
from niceml_engine.protocol.configs import DrawGraph, OpenProject
from niceml_engine.values import Composed, Edge, Node, Selection
from tests.engine.config.reference import write
from tests.engine.service.client import Client

GRAPH = Composed(
    Selection("job.yaml"),
    nodes=(Node("job", "/job.yaml"), Node('a "b"', "/a.yaml"), Node("c", "", missing=True)),
    edges=(Edge("job", 'a "b"', "x.y", override=True), Edge("job", "c", "", optional=True), Edge("c", "gone", "p")),
)


def test_graphviz_tells_optional_override_and_missing() -> None:
    assert defaults_diagram(GRAPH, "dot").splitlines()[3:] == [
        '  "job" [label="job"];',
        r'  "a \"b\"" [label="a \"b\""];',
        '  "c" [label="c (missing)", style=dashed];',
        r'  "job" -> "a \"b\"" [label="x.y · override"];',
        '  "job" -> "c" [label="optional", style=dashed];',
        "}",
    ]


def test_mermaid_tells_them_too() -> None:
    assert defaults_diagram(GRAPH, "mermaid").splitlines() == [
        "graph LR",
        '  n0["job"]',
        '  n1["a #quot;b#quot;"]',
        '  n2["c (missing)"]',
        "  style n2 stroke-dasharray: 4",
        '  n0 -->|"x.y · override"| n1',
        '  n0 -.->|"optional"| n2',
    ]


def test_an_optional_file_that_is_not_there_is_drawn(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults:\n  - optional local: default\n  - db: mysql\n", "db/mysql.yaml": "a: 1\n"})
    composed = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml")))
    assert composed.error is None
    assert [(node.id, node.missing) for node in composed.nodes][1:] == [("local/default", True), ("db/mysql", False)]
    assert composed.edges[0].optional


def test_the_service_draws_what_hydra_refuses_too(tmp_path: Path) -> None:
    write(tmp_path, {"configs/job.yaml": "defaults:\n  - db: nothing\n", "configs/db/mysql.yaml": "port: 1\n"})
    client = Client()
    client.ask(OpenProject(str(tmp_path)))
    drawn = client.ask(DrawGraph(Selection(str(tmp_path / "configs/job.yaml")), "dot"))
    assert '"job" -> "db/nothing" [label="db"];' in drawn.text
    assert "(missing)" in drawn.text
    assert client.close() == 0
