"""What roles, actions and states of accounts are called on the pages; translated where they are shown."""

from __future__ import annotations

from tallyscope.ledger.accounts.roles import Action, Role
from tallyscope.web.entry.words import EVENTS
from tallyscope.web.language import Language, marked

__all__ = ["ROLES", "SCOPES", "audit_title"]

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
#: Actions of the audit trail, as they are written there -> what the pages call them.
_AUDIT: dict[str, str] = {
    "sign in": marked("signed in"),
    "sign in refused": marked("was not let in"),
    "sign out": marked("signed out"),
    "add person": marked("added the person"),
    "give role": marked("gave a role"),
    "end role": marked("ended a role"),
    "lock person": marked("locked the account"),
    "unlock person": marked("opened the account"),
    "make link": marked("made a one-time link"),
    "set password by link": marked("chose a password"),
    "set password": marked("set the password"),
    "change password": marked("changed the password"),
    "change password refused": marked("was refused a new password"),
    "end session": marked("signed the person out"),
    "make token": marked("made a token"),
    "revoke token": marked("revoked a token"),
    "import": marked("imported a file"),
    "readings": marked("sent readings"),
    "publish": marked("published a bulletin"),
    "publish refused": marked("was refused a bulletin"),
}


def audit_title(language: Language, action: str) -> str:
    """What the pages call an action of the audit trail; one that nobody has named is shown as it is written."""
    title = EVENTS.get(action.removeprefix("entry: ")) if action.startswith("entry: ") else _AUDIT.get(action)
    return action if title is None else language.gettext(title)
