"""Argo CD: one answer with the history of every application."""

from __future__ import annotations

from driver import ask, checks, drive, events, ns

from afterword.connectors.argocd import CONNECTOR

APP = {
    "metadata": {"name": "pay", "namespace": "argocd"}, "spec": {"project": "shop", "source": {"repoURL": "https://git.test/pay.git"}, "destination": {"namespace": "shop"}},
    "status": {"sync": {"status": "Synced"}, "history": [{"id": 3, "revision": "abc123def", "deployedAt": "2026-03-02T09:05:00Z", "source": {"targetRevision": "main"}, "initiatedBy": {"username": "nora"}}]},
}  # fmt: skip


def test_what_was_synced_is_read() -> None:
    talked = drive(CONNECTOR, ask("https://argocd.test", projects="shop", selector="team=pay"), [(r"/api/v1/applications\?projects=shop&selector=team=pay", {"metadata": {}, "items": [APP]})])  # fmt: skip
    checks(CONNECTOR, talked)
    assert [(one.subject, one.at, one.attributes["commit"], one.attributes["who"]) for one in events(talked, "changes-table")] == [("pay", ns("2026-03-02T09:05:00Z"), "abc123def", "nora")]  # fmt: skip


def test_no_application_is_no_event() -> None:
    assert not events(drive(CONNECTOR, ask("https://argocd.test"), [(r".", {"metadata": {}, "items": []})]))
