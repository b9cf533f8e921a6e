"""Entry: from a paper protocol, typed twice, to a version that stands."""
