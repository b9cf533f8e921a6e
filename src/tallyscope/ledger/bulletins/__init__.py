"""Bulletins: what is published of a count, numbered, signed, recomputed by a second path, never changed."""

from tallyscope.ledger.bulletins.changes import Correction
from tallyscope.ledger.bulletins.difference import Difference, difference
from tallyscope.ledger.bulletins.publishing import publish
from tallyscope.ledger.bulletins.reading import Bulletin, bulletin, bulletins, newest

__all__ = ["Bulletin", "Correction", "Difference", "bulletin", "bulletins", "difference", "newest", "publish"]
