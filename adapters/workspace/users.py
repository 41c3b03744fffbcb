"""Reads `users/*.yaml`: who signs in to the console."""

from __future__ import annotations

from adapters.workspace.files import Files
from adapters.workspace.models import UsersModel
from adapters.workspace.report import Report
from contracts.catalogue import User


def read_users(files: Files, report: Report) -> dict[str, User]:
    """Every user, by id. A bus without any has no console."""
    found: dict[str, User] = {}
    for name in files.names("users", ".yaml"):
        document = files.document(name)
        model = None if document is None else report.read(UsersModel, document, document.tree)
        if document is None or model is None:
            continue
        for index, user in enumerate(model.users):
            if user.id in found:
                place = ("users", index, "id")
                report.at(document, place, f"the user {user.id} is there twice", "keep one of them")
            found[user.id] = User(user.id, user.name, user.password, user.role)
    return found
