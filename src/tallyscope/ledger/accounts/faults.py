"""What can be wrong with a change of accounts, each in a sentence that says what to do; English, for catalogues."""

from __future__ import annotations

__all__ = ["FAULTS"]

FAULTS: dict[str, str] = {
    "login form": "A login has 2 to 80 letters, digits, dots, hyphens or @, and begins with a letter or digit.",
    "login taken": "This login is taken: choose another one. No account is ever deleted: the record names it.",
    "name form": "Give the person's name, at most 200 characters in one line.",
    "no such person": "There is no such person among those you look after.",
    "no such commission": "There is no such commission among those you look after.",
    "no such role": "Choose a role from the list.",
    "role held": "The person holds this role there already.",
    "role not held": "The person does not hold this role there.",
    "oneself": "Nobody does this to their own account: ask another administrator.",
    "beyond you": "This person holds a role beyond your commission: ask an administrator there.",
    "short password": "The password is too short: at least 15 characters, for example four words.",
    "long password": "The password is too long: at most 256 characters.",
    "weak password": "The password is too easy to guess: not your login, and not a few characters repeated.",
    "passwords differ": "The two passwords are not the same: type the new one twice.",
    "wrong password": "The present password is not right.",
    "link over": "This link has been used or is too old: ask your administrator for another one.",
    "token name": "Give the token a name that says which machine it is for, at most 80 characters.",
    "token scope": "Choose at least one thing that the token is for.",
    "token days": "A token is for 1 to 366 days.",
    "token role": "The person may not do that there, so no token of theirs may.",
    "no such token": "There is no such token among those you look after.",
    "no such session": "There is no such session among those you look after, or it has ended.",
}
