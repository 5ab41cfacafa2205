"""Secrets are not read in the composed text."""

from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.secrets import MASK
from niceml_engine.values import Selection
from niceml_gui.names import Names
from niceml_gui.workspaces.compose.text.hiding import hidden
from niceml_gui.workspaces.compose.text.inside_lists import Inside

TEXT = """\
db:
  host: a
  password: 's3: cret'
  'odd: key': 1
credentials:
  user: me
  keys: [one, two]
  text: |
    three
    four
api_key: ${oc.env:KEY,x}
auth_token: null
many:
  - name: first
    token: five
    sizes: [1, 2]
  - name: second
    token: ${oc.env:TOKEN,y}
last: 1
"""


def test_what_is_secret_is_masked_and_all_else_is_as_it_was(tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(TEXT)
    composed = Composer(Setting(tmp_path)).compose(Selection(str(job)))
    lines, leaves = composed.yaml.splitlines(), {leaf.key: leaf for leaf in composed.leaves}
    inside = Inside().of(lines, composed.lines, leaves, Names())
    found = hidden(lines, composed.lines, inside.keys, leaves)
    changed = [(before.strip(), after.strip()) for before, after in zip(lines, found, strict=True) if before != after]
    assert changed == [
        ("password: 's3: cret'", f"password: {MASK}"),
        ("user: me", f"user: {MASK}"),
        ("- one", f"- {MASK}"),
        ("- two", f"- {MASK}"),
        ("text: 'three", f"text: {MASK}"),
        ("four", MASK),
        ("'", MASK),
        ("token: five", f"token: {MASK}"),
    ]
    assert [len(after) - len(after.lstrip()) for after in found] == [len(one) - len(one.lstrip()) for one in lines]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_without_secrets_nothing_changes(lines):
    assert hidden(lines, ["a"] * len(lines), {}, {}) == lines
