"""The defaults graph as text for Graphviz and Mermaid."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.diagrams import defaults_diagram
from niceml_engine.config.projects.setting import Setting
from niceml_engine.protocol.configs import DrawGraph, OpenProject
from niceml_engine.values import Choice, Composed, Edge, Node, Selection
from tests.engine.config.reference import write
from tests.engine.service.client import Client

GRAPH = Composed(
    Selection("job.yaml"),
    nodes=(
        Node("job", "/job.yaml"),
        Node('a "b"', "/a.yaml"),
        Node("c", "", missing=True),
        Node("d", "", missing=True),
        Node("exp/e", "/e.yaml"),
    ),
    edges=(
        Edge("job", 'a "b"', "x.y", override=True),
        Edge("job", "c", "", optional=True),
        Edge("job", "d", "d"),
        Edge("job", "exp/e", ""),
        Edge("exp/e", 'a "b"', "z"),
        Edge("c", "gone", "p"),
    ),
    choices=(Choice("cache", "cache", "cache", (), ("small",), "job", missing=True),),
)


def test_graphviz_tells_what_kind_files_and_includes_are_of_by_words_and_by_shape() -> None:
    assert defaults_diagram(GRAPH, "dot").splitlines()[4:] == [
        r'  "job" [label="job\njob", penwidth=2];',
        r'  "a \"b\"" [label="a \"b\"\nincluded 2 times", peripheries=2];',
        r'  "c" [label="c\noptional, not there", style=dotted];',
        r'  "d" [label="d\nmissing", shape=octagon, style=dashed];',
        r'  "exp/e" [label="exp/e\nat _global_", shape=note];',
        r'  "cache/???" [label="cache/???\nto be chosen", shape=hexagon, style=dashed];',
        r'  "job" -> "a \"b\"" [label="x.y · override", color="black:invis:black"];',
        '  "job" -> "c" [label="optional", style=dashed];',
        '  "job" -> "d" [label="d"];',
        '  "job" -> "exp/e";',
        r'  "exp/e" -> "a \"b\"" [label="z · again", arrowhead=empty];',
        '  "job" -> "cache/???" [label="cache"];',
        "}",
    ]


def test_mermaid_tells_them_too() -> None:
    assert defaults_diagram(GRAPH, "mermaid").splitlines() == [
        "graph LR",
        '  n0(["job<br/>job"])',
        '  n1[["a #quot;b#quot;<br/>included 2 times"]]',
        '  n2("c<br/>optional, not there")',
        '  n3{{"d<br/>missing"}}',
        '  n4[/"exp/e<br/>at _global_"/]',
        '  n5{"cache/???<br/>to be chosen"}',
        "  style n2 stroke-dasharray: 4",
        "  style n3 stroke-dasharray: 4",
        "  style n5 stroke-dasharray: 4",
        "  style n0 stroke-width: 3px",
        '  n0 ==>|"x.y · override"| n1',
        '  n0 -.->|"optional"| n2',
        '  n0 -->|"d"| n3',
        "  n0 --> n4",
        '  n4 --o|"z · again"| n1',
        '  n0 -->|"cache"| n5',
    ]


def test_the_merge_order_stands_in_the_boxes_where_it_is_asked_for() -> None:
    order = {"job": [3], "exp/e": [4], 'a "b"': [1, 2]}
    assert r'label="a \"b\"\nmerge 1, 2\nincluded 2 times"' in defaults_diagram(GRAPH, "dot", order)
    assert 'n0(["job<br/>merge 3<br/>job"])' in defaults_diagram(GRAPH, "mermaid", order)
    assert "merge" not in defaults_diagram(GRAPH, "mermaid")


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
    assert r"db/nothing\nmissing" in drawn.text
    fine = Selection(str(tmp_path / "configs/job.yaml"), ("db=mysql",))
    assert "merge" not in client.ask(DrawGraph(fine, "dot")).text
    assert r"db/mysql\nmerge 1" in client.ask(DrawGraph(fine, "dot", order=True)).text
    assert client.ask(DrawGraph(Selection(fine.job), "dot", order=True)).text == drawn.text
    assert client.close() == 0
