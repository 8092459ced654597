"""Settings: the environment wins over the file, the file over the default; all mistakes at once."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, NoReturn

import pytest

from afterword.app import config
from afterword.model.action import Priority
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from pathlib import Path


def test_defaults_file_and_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert config.load(path, {}).due_days == {Priority.P0: 7, Priority.P1: 30, Priority.P2: 56}
    path.write_text('actor = "maria"\n[due]\nP0 = 3\nP1 = 9\n')
    found = config.load(path, {"AFTERWORD_DUE_P1": "10"})
    assert (found.actor, found.due_days) == ("maria", {Priority.P0: 3, Priority.P1: 10, Priority.P2: 56})
    assert found.origin == {
        "actor": str(path),
        "due.P0": str(path),
        "due.P1": "AFTERWORD_DUE_P1",
        "due.P2": "default",
        "engine": "default",
        "collect.largest": "default",
        "slo": "default",
        **dict.fromkeys(("redact.secrets", "redact.emails", "redact.cards", "redact.ids"), "default"),
    }
    assert found.engine == "duckdb"
    assert config.load(path, {"AFTERWORD_ENGINE": "local-spark"}).engine == "local-spark"
    assert config.load(path, {"AFTERWORD_ACTOR": "tom"}).actor == "tom"


def test_objectives_are_shares_by_name(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[slo]\ncheckout = 99.9\n")
    assert config.load(path, {}).objectives == (("checkout", pytest.approx(0.999)),)
    found = config.load(path, {"AFTERWORD_SLO": "shop=99.5%, api=0.995"})
    assert found.objectives == (("shop", pytest.approx(0.995)), ("api", 0.995))
    assert found.origin["slo"] == "AFTERWORD_SLO"
    with pytest.raises(InvalidError, match="shop is a share"):
        config.load(path, {"AFTERWORD_SLO": "shop=always"})


def test_all_mistakes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('colour = "red"\n[due]\nP0 = 0\nP1 = "soon"\n')
    with pytest.raises(InvalidError) as refused:
        config.load(path, {})
    assert len(refused.value.reasons) == 3
    path.write_text("this is = not = toml")
    with pytest.raises(InvalidError, match="cannot be read"):
        config.load(path, {})


def test_a_login_name_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> NoReturn:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert config.load(tmp_path / "none", {}).actor == "unknown"
