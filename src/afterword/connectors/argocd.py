"""Argo CD: applications with the history of what was synced to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.asking import option, question
from afterword.ports import Connector, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask


def pages(ask: Ask) -> Talk:
    """One answer: this API has no pages, and an application keeps no more than its last ten syncs."""
    said = {"projects": option.texts(ask, "projects"), "selector": option.text(ask, "selector")}
    url = question.url(ask.url, "api", "v1", "applications", **said)
    yield Request(url, headers={"accept": question.JSON}, says="applications with their history")


CONNECTOR = Connector(
    "argocd",
    "histories of applications of Argo CD",
    pages,
    {
        "projects": "Only applications of these projects.",
        "selector": "Only applications with these labels, such as team=payments.",
    },
    tested="recorded answers, held against the OpenAPI description of Argo CD",
)
