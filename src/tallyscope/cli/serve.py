"""`tallyscope serve`: the service of a count, on this machine unless told otherwise."""

from __future__ import annotations

import logging
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from tallyscope.cli.common import console
from tallyscope.cli.count_common import DatabaseOption, opened
from tallyscope.cli.count_key import signer_of
from tallyscope.cli.secret import SecretFile, secret_of

__all__ = ["serve"]

_LINK = re.compile(r"(/welcome/)[^\s?]+")


class _WithoutLinks(logging.Filter):
    """Keeps one-time links out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_LINK.sub(r"\1...", a) if isinstance(a, str) else a for a in record.args)
        return True


def serve(
    database: DatabaseOption,
    secret_file: SecretFile = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", envvar="TALLYSCOPE_KEY", help="Signing key for bulletins; without it none is published."
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535)] = 8000,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Name under which browsers ask for the service; may be repeated."),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option("--proxy", help="Address of the proxy before it, whose X-Forwarded-For is believed."),
    ] = None,
) -> None:
    """Serves a count: entry, the coordinator's desk, the administrator's pages, the API, the public results."""
    import uvicorn

    from tallyscope.web.app import create_app
    from tallyscope.web.settings import LOCAL, Settings

    secret = secret_of(secret_file)
    signer = None if key is None else signer_of(key)
    logging.getLogger("uvicorn.access").addFilter(_WithoutLinks())
    with opened(database) as ledger:
        settings = Settings(secret, (*LOCAL, *(name or [])), signer)
        application = create_app(settings, ledger)
        _warn(host)
        uvicorn.run(
            application,
            host=host,
            port=port,
            proxy_headers=proxy is not None,
            forwarded_allow_ips=proxy,
            server_header=False,
            timeout_graceful_shutdown=30,
        )


def _warn(host: str) -> None:
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        text = (
            f"Warning: {host} can be reached from other machines, and this service speaks no TLS. "
            "Put a proxy with TLS before it and let it listen on 127.0.0.1; see docs/service.md."
        )
        console(stderr=True).print(text, style="bold red", markup=False, soft_wrap=True)
