"""Composing with provenance. Hydra's internals are touched in here, and nowhere else.

Hydra composes: its parser reads the overrides, its defaults list decides what is merged, its loader merges. We stand
at three places and take notes: where a config is looked up and read (`reading`), where an entry of a defaults list is
taken up (`listing`), and where a layer is about to be merged (`merging`). What Hydra decided for one job and one set
of choices is kept as a plan, together with the facts of the file system that it rests on; a later composition with
other values starts from a copy of it (`frozen`), once these facts have been seen to hold. `composer` puts these
together.
"""

from niceml_engine.config.compose.composer import Composer as Composer
