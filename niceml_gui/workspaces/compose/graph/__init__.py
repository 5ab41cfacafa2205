"""The defaults graph: laid out, drawn, folded, searched, played, exported."""
