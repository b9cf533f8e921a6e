"""The routers of the service, a line each: a new part of it is plugged in here and nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from tallyscope.web import home, own_password, publishing, signing_in
from tallyscope.web.administration import audit, commissions, persons, sessions, tokens
from tallyscope.web.entry import clerk, coordinator
from tallyscope.web.public.router import public_router

__all__ = ["public_routers", "working_routers"]


def working_routers() -> list[APIRouter]:
    """Pages of the workplace: they know who is signed in, and every form of theirs carries a token."""
    return [
        signing_in.router,
        home.router,
        own_password.router,
        clerk.router,
        coordinator.router,
        publishing.router,
        persons.router,
        commissions.router,
        sessions.router,
        tokens.router,
        audit.router,
    ]


def public_routers() -> list[APIRouter]:
    """Pages for everybody: they know nobody, set no cookie and change nothing."""
    return [public_router()]
