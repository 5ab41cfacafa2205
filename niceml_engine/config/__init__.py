"""Scanning, composing, explaining, checking, editing and exporting Hydra configs.

How a selection becomes a composed config:

```
 projects   project_file: what a person says; scripts: how Python starts Hydra, read from its text; layout: guesses
    │       project: root, configs, jobs and options; setting: what a job composes under
    │
 text       files read, each once per state on disk; YAML marks give lines; changes are spliced
    │
 compose    drives Hydra's own loader over sources: overrides ─▶ defaults list ─▶ layers ─▶ merged config ─▶ overrides
    │                     │                   │              │
    │                  refusal         graph, choices    provenance
    │          why Hydra said no    includes, options    who set a key, whom it shadowed
    ▼
 composed   resolve, told, render, present: leaf by leaf resolved or why not, masked; text with a key per line
    │
 code, editing, checking, exporting     what Python text tells of it; plans for files; problems; other forms
```

Hydra composes, never we. Three of its classes are extended in `compose`, to take notes: the repository (which file,
which line of which defaults list), the overrides (which entries it decides on) and the loader (which layer comes next).
A tool that reads configs its own way would be wrong in every case that nobody thought of; the tests compare with the
installed Hydra over every bundled job and option, every feature of defaults lists, generated trees and overrides,
projects of many layouts, and the trees that packages of others ship.

It is fast because nothing is done twice. A file is parsed once per state. A layer is kept pickled at its package,
because merging takes layers apart and unpickling copies ten times faster than `deepcopy`. What one job and one set of
choices merge to is kept as a plan, and of long defaults lists also what their beginnings merge to, with the facts of
the file system it rests on (this was a file, that folder held these names); an edited value starts from a copy of the
plan once all facts still hold. Of each leaf it is noted what it was resolved from; unless that changed, it is neither
resolved nor printed again. So no watcher is needed, and a stale answer is impossible.

When Hydra refuses, a second, tolerant pass reads what it can: a missing file counts as empty, `???` as nothing, a
circle is cut. The graph and the choices are there to mend what is wrong; the error itself is always Hydra's.
"""
