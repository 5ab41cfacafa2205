"""What a composed config holds and how it is shown: origins, graph, resolved values, text, digest, differences."""
