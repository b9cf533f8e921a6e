"""What roles, actions and states of accounts are called on the pages; translated where they are shown."""

from __future__ import annotations

from tallyscope.ledger.accounts.roles import Action, Role
from tallyscope.web.language import marked

__all__ = ["ROLES", "SCOPES"]

ROLES: dict[Role, str] = {
    "clerk": marked("Clerk"),
    "coordinator": marked("Coordinator"),
    "observer": marked("Observer"),
    "publisher": marked("Publisher"),
    "administrator": marked("Administrator"),
}
SCOPES: dict[Action, str] = {
    "see": marked("read what is in"),
    "propose": marked("send a scanner's readings"),
    "copy": marked("send observers' copies"),
    "import": marked("import official protocols"),
}
