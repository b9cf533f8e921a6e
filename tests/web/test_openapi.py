"""The API against its own description: whatever fits it, or nearly does, makes no server error.

`TALLYSCOPE_EXAMPLES=500` runs longer than CI does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from databases import Databases
from made_files import csv_bytes, protocols
from made_service import Made, made_service
from tallyscope.ledger.bulletins import publish

OPERATIONS = (
    "GET /status",
    "GET /stations",
    "GET /versions",
    "GET /versions/{number}",
    "GET /versions/{number}/proof",
    "GET /bulletins",
    "GET /bulletins/{number}",
    "GET /bulletins/{a}/difference/{b}",
    "POST /readings",
    "POST /imports",
)
EXAMPLES = int(os.environ.get("TALLYSCOPE_EXAMPLES", "12"))


@pytest.fixture(scope="module")
def made(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A service with six protocols."""
    service = made_service(databases.new("sqlite", tmp_path_factory.mktemp("openapi")))
    machine = service.machine("coordinator", "import")
    assert machine.post("/imports", files={"file": ("a.csv", csv_bytes(protocols(6)))}).status_code == 200
    for _ in range(2):
        publish(service.ledger, service.app.state.serving.settings.signer, by="publisher")
    yield service
    service.ledger.close()


@pytest.fixture(scope="module")
def api_schema(made: Made) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", made.app)


@pytest.fixture(scope="module")
def token(made: Made) -> str:
    """A token for everything that one person may do."""
    return made.machine("coordinator", "see", "propose", "import").headers["Authorization"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_makes_a_server_error(operation: str, api_schema: Any, token: str) -> None:
    method, path = operation.split()
    checks = [not_a_server_error, status_code_conformance, response_schema_conformance]

    @given(case=api_schema[path][method].as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def holds(case: Any) -> None:
        answer = case.call_and_validate(headers={"Authorization": token}, checks=checks)
        # It was the API that answered, and not a page that says that there is no such thing.
        assert answer.headers["content-type"][0] in ("application/json", "application/problem+json")

    holds()


def test_the_description_names_every_operation_and_its_problems(api_schema: Any) -> None:
    raw = api_schema.raw_schema
    told = {f"{method.upper()} {path}" for path, of in raw["paths"].items() for method in of}
    assert told == set(OPERATIONS)
    for path in raw["paths"].values():
        for operation in path.values():
            assert {"401", "403", "422"} <= set(operation["responses"])
            assert operation["security"] == [{"HTTPBearer": []}]
