"""Projects that are wrong, and what is to be said of each: the same in the terminal and in the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

GOOD = {
    ".niceml/project.yaml": "",
    "conf/job.yaml": "defaults:\n  - db: a\n  - _self_\nx: 1\n",
    "conf/db/a.yaml": "k: 1\n",
    "conf/db/b.yaml": "k: 2\n",
}
JOB = "conf/job.yaml"
A = "conf/db/a.yaml"
BINARY = b"\x89PNG\r\n\x1a\n\0\0"


@dataclass(frozen=True)
class Bad:
    """A project and what has to be said of it.

    Attributes:
        name: The item.
        words: Part of the one line that says what is wrong; empty if nothing is, and it composes.
        file: The file that is named, relative to the project.
        line: The line that is named.
        key: The key that is named.
        files: What it has otherwise than a good one; `None` for what it lacks.
        links: Symbolic links, and where they lead.
        opens: Whether the project opens, and says so of its job.
        overrides: Of the selection.
    """

    name: str
    words: str
    file: str = JOB
    line: int = 0
    key: str = ""
    files: dict[str, str | bytes | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    opens: bool = True
    overrides: tuple[str, ...] = ()

    def write(self, root: Path) -> Path:
        """Writes the project."""
        for name, data in {**GOOD, **self.files}.items():
            if data is not None:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data if isinstance(data, bytes) else data.encode())
        for name, goal in self.links.items():
            (root / name).symlink_to(goal)
        return root


def job(name: str, text: str | bytes, words: str, line: int = 0, key: str = "", *overrides: str) -> Bad:
    """A project whose job is wrong."""
    return Bad(name, words, line=line, key=key, files={JOB: text}, overrides=overrides)


def option(name: str, text: str | bytes | None, words: str, line: int = 0) -> Bad:
    """A project in which an option that the job includes is wrong."""
    return Bad(name, words, A, line, files={A: text})


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
DEEP = "".join(f"{' ' * n}a:\n" for n in range(100))
DOUBLED = "k0: x\n" + "".join(f"k{n}: ${{k{n - 1}}}${{k{n - 1}}}\n" for n in range(1, 40))
VARIABLES = "A0=xxxxxxxxxx\n" + "".join(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 40))
SHALOM, KEY = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0641\u062a\u0627\u062d"  #: Hebrew and Arabic
UNICODE = {
    JOB: f"defaults:\n  - {SHALOM}: {KEY}\n  - _self_\n{KEY}: 1\n\U0001f600: 2\n\u202eabc: 3\n",
    f"conf/{SHALOM}/{KEY}.yaml": f"\xe9: ${{{KEY}}}\n",
}
LOOPS = {"conf/db/back": "..", "conf/itself.yaml": "itself.yaml", "conf/gone.yaml": "nowhere.yaml"}
SETTINGS = ".niceml/project.yaml"
LOCATION = "niceml_engine.store.location.Location"
FORKS = {f"conf/f{n}/x.yaml": f"defaults:\n  - /f{n + 1}@a: x\n  - /f{n + 1}@b: x\n" for n in range(25)}

#: What a person may have in a project, and what is said of it.
BAD = (
    Bad("no configs", "holds no configs", "", files=dict.fromkeys((JOB, A, "conf/db/b.yaml")), opens=False),
    job("invalid YAML", "a: 1\nb: [1\nc: 2\n", "without a comma, or is not closed", 3),
    job("wrong indentation", "a: 1\n b: 2\n", "mend the indentation", 2),
    option("invalid YAML in an option", "k: 1\n  j: 2\n", "mend the indentation", 2),
    job("binary", BINARY, "the file is binary"),
    option("binary option", BINARY, "the file is binary"),
    job("not UTF-8", "a: 1\nb: é\n".encode("latin-1"), "not UTF-8 text; save it as UTF-8", 2),
    job("UTF-16", "a: 1\n".encode("utf-16"), "the file is binary"),
    job("empty", "", ""),
    job("comments only", "# nothing\n", ""),
    option("empty option", "", ""),
    job("a list", "- a\n- b\n", "keys with values", 1),
    job("50 MB", b"a: 1\n" * 10_000_000, "larger than 16 MB"),
    option("50 MB in an option", b"a: 1\n" * 10_000_000, "larger than 16 MB"),
    job("alias bomb", BOMB, "its aliases multiply", 6),
    job("alias of itself", "a: &a [*a]\n", "an alias contains itself", 1),
    job("100 levels", DEEP, "nested deeper than 75 levels", 76),
    job("100 levels in brackets", f"a: {'{a: ' * 100}1{'}' * 100}\n", "nested deeper than 75 levels", 1),
    job("5 MB in one value", f"a: {'x' * 5_000_000}\nb: 1\n", ""),
    job("5 MB of lines in one value", "a: |\n" + "  some words here\n" * 300_000, ""),
    job("a million interpolations", "a: " + "${b}" * 1_000_000 + "\nb: 1\n", "interpolations hold more than", 1),
    job("interpolations that multiply", DOUBLED, "multiply to more than", 24, "k23"),
    Bad("includes that multiply", "more than 3,000 entries", "",
        files={JOB: "defaults: [f0: x]\n", **FORKS, "conf/f25/x.yaml": "k: 1\n"}),
    Bad("unicode and right to left", "", files=UNICODE),
    job("keys with dots, spaces and quotes", "a.b: 1\n'c d': 2\n'e\"f': 3\n'': 5\n'a[0]': 6\n' ': 7\n", ""),
    job("duplicate keys", "a: 1\nb:\n  c: 1\n  c: 2\n", "the key `c` stands twice", 4, "c"),
    job("tabs", "a:\n\tb: 1\n", "a tab stands here; indent with spaces", 2),
    job("CRLF", "defaults:\r\n  - db: a\r\n  - _self_\r\nx: 1\r\n", ""),
    job("byte order mark", "\ufeffdefaults:\n  - db: a\n  - _self_\nx: 1\n", ""),
    job("control characters", "x: 1\na: \x07\n", "control character U+0007", 2),
    job("two documents", "a: 1\n---\nb: 2\n", "a second document begins here", 2),
    job("a tag that runs code", "a: !!python/object/apply:os.system [x]\n", "means nothing in a config", 1),
    job("a tag that does not fit", "a: !!timestamp x\n", "`x` is no timestamp", 1),
    Bad("links that loop", "", files={JOB: "defaults:\n  - db: a\n"}, links=LOOPS),
    Bad("missing option", "there is no config `db/a`; db has b", line=2, key="db", files={A: None}),
    job("missing group", "defaults:\n  - nope: c\n", "there is no config `nope/c`; there is no group nope", 2, "nope"),
    job("missing choice", "defaults:\n  - db: ???\n", "db must be chosen; options: a, b", 2, "db"),
    job("missing value", "a:\n  b: ???\n", "a value must be given here", 2, "a.b"),
    Bad("circle of defaults", "go round in a circle: db/b → db/a → db/b", A, 2,
        files={A: "defaults:\n  - b\n", "conf/db/b.yaml": "defaults:\n  - a\n"}),
    job("defaults of itself", "defaults:\n  - job\n", "go round in a circle: job → job", 2),
    job("defaults that are a mapping", "x: 1\ndefaults:\n  db: a\n", "defaults must be a list", 2, "defaults"),
    Bad("unknown key", "there is no `y`", "", key="y", overrides=("y=1",)),
    Bad("unknown key much like another", "did you mean `db.k`?", "", key="db.kk", overrides=("db.kk=1",)),
    Bad("override that cannot be read", "a quote is not closed", "", key="x", overrides=("x='a",)),
    Bad("override without end", "nested too deep", "", key="x", overrides=(f"x={'[' * 3_000}{']' * 3_000}",)),
    job("unset variable", "a:\n  b: ${oc.env:NO_SUCH_VARIABLE_HERE}\n", "NO_SUCH_VARIABLE_HERE is not set", 2, "a.b"),
    job("interpolation that cannot be read", "a: 1\nb: ${a\n", "an interpolation cannot be read", 2, "b"),
    job("interpolation of nothing", "a: ${nope}\n", "there is no `nope`", 1, "a"),
    job("interpolations in a circle", "a: ${b}\nb: ${a}\n", "go round in a circle", 1, "a"),
    job("target that is not there", "m:\n  _target_: json.Thing\n", "json.Thing does not exist", 2, "m._target_"),
    job("target that takes no such argument", f"m:\n  _target_: {LOCATION}\n  uri: x\n  y: 1\n",
        "takes no argument y", 4, "m.y"),
    job("plugin that is not here", "defaults:\n  - override hydra/job_logging: colorlog\n", "hydra-colorlog", 2),
    job("search path that is no list", "hydra:\n  searchpath: 5\n", "must be a list of strings", 2),
    Bad("broken project file", "invalid YAML", SETTINGS, 2, files={SETTINGS: "primary: [\n"}, opens=False),
    Bad("unknown setting", "did you mean `primary`?", SETTINGS, 1, files={SETTINGS: "primry: x\n"}, opens=False),
    Bad("binary variables", "no UTF-8 text", ".env", 1, files={".env": b"A=\xff\n"}, opens=False),
    Bad("variables that multiply", "is longer than 100,000 characters", ".env", 15, "A14",
        files={".env": VARIABLES}, opens=False),
    Bad("variables with holes", "", files={".env": b"A=x\0y\n=z\nB\n'c=d'=1\n"}),
    Bad("broken script", "", files={"app.py": "import hydra\n@hydra.main(config_path='conf'\ndef main(cfg): ...\n"}),
    Bad("binary script", "", files={"app.py": b"\xff\0hydra"}),
)  # fmt: skip
