"""Faults of a platform end to end, from what kubectl prints to object and class. Messages are those of MySQL's manual
("Server Error Message Reference"), of the JVM's and Go's resolvers, of the kubelet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kube_print
import pytest

from afterword.app.operations import incident
from afterword.app.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kube_print import App

    from afterword.app.report import Report

LINK = "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure. The driver has not received any packets from the server."
MANY = 'SQLNonTransientConnectionException: Data source rejected establishment of connection,  message from server: "Too many connections"'
DENIED = "java.sql.SQLException: Access denied for user 'reader'@'10.2.0.7' (using password: YES)"
READ_ONLY = (
    "java.sql.SQLException: The MySQL server is running with the --read-only option so it cannot execute this statement"
)


def analysed(apps: dict[str, App], tmp_path: Path, **more: str) -> Report:
    evidence = kube_print.written(apps, tmp_path / "e", **more)
    return incident.analyze(open_workspace(tmp_path / "w"), evidence=(str(evidence),))


def first(report: Report) -> tuple[str, str] | None:
    return next(((one["component"], one["indicator"]) for one in report.causes), None)


def no_replica(apps: dict[str, App]) -> None:
    apps["loans-api"].replicas = 0


def no_secret(apps: dict[str, App]) -> None:
    one = apps["loans-api"]
    one.status = one.reason = "CreateContainerConfigError"
    one.ready, one.events = False, [("Failed", 'Error: secret "loans-db-login" not found')]


def wrong_password(apps: dict[str, App]) -> None:
    kube_print.crash(apps["loans-api"], DENIED)


def wrong_password_everywhere(apps: dict[str, App]) -> None:
    for name in ("loans-api", "catalog-api", "members-api"):
        kube_print.crash(apps[name], DENIED)


def wrong_port(apps: dict[str, App]) -> None:
    apps["loans-api"].env["DB_PORT"] = "3316"
    kube_print.crash(apps["loans-api"], LINK, "Caused by: java.net.ConnectException: Connection refused")


def wrong_port_in_an_address(apps: dict[str, App]) -> None:
    apps["loans-api"].env = {"SPRING_DATASOURCE_URL": "jdbc:mysql://shelf-mysql:3316/loans?useSSL=false"}
    kube_print.crash(apps["loans-api"], LINK)


def no_connections_left(apps: dict[str, App]) -> None:
    for name in ("loans-api", "catalog-api"):
        apps[name].logs = [MANY] * 20


def read_only(apps: dict[str, App]) -> None:
    for name in ("loans-api", "members-api"):
        apps[name].logs = [READ_ONLY] * 8


def same_port_twice(apps: dict[str, App]) -> None:
    one = apps["loans-api"]
    one.containers = {"app": 9102, "proxy": 9102}
    kube_print.crash(one, "listen tcp :9102: bind: address already in use")


def name_not_resolved(apps: dict[str, App]) -> None:
    kube_print.crash(
        apps["loans-api"], "java.net.UnknownHostException: catalog-api: Temporary failure in name resolution"
    )


def name_misspelt(apps: dict[str, App]) -> None:
    apps["reading-desk"].env["LOANS_ADDR"] = "loan-api:9102"
    kube_print.crash(apps["reading-desk"], "dial tcp: lookup loan-api on 10.4.0.2:53: no such host")


FAULTS: list[tuple[Callable[[dict[str, Any]], None], str, str]] = [
    (no_replica, "app/loans-api", "deployment_zero_replicas"),
    (no_secret, "app/loans-api", "missing_secret_binding"),
    (wrong_password, "app/loans-api", "mysql_invalid_credentials"),
    (wrong_password_everywhere, "app/shelf-mysql", "mysql_invalid_credentials"),
    (wrong_port, "app/loans-api", "mysql_invalid_port"),
    (wrong_port_in_an_address, "app/loans-api", "mysql_invalid_port"),
    (no_connections_left, "app/shelf-mysql", "db_connection_exhaustion"),
    (read_only, "app/shelf-mysql", "db_read_only"),
    (same_port_twice, "app/loans-api", "service_sidecar_port_conflict"),
    (name_not_resolved, "app/loans-api", "service_dns_resolution_failure"),
    (name_misspelt, "app/reading-desk", "service_env_var_address_mismatch"),
]


@pytest.mark.parametrize(("broken", "component", "kind"), FAULTS, ids=lambda one: getattr(one, "__name__", None))
def test_a_fault_is_found_at_its_object(
    broken: Callable[[dict[str, App]], None], component: str, kind: str, tmp_path: Path
) -> None:
    """One thing is wrong with the library; object and class stand first."""
    apps = kube_print.library()
    broken(apps)
    assert first(analysed(apps, tmp_path)) == (component, kind)


def test_a_library_that_is_well_has_no_fault(tmp_path: Path) -> None:
    """All pods run; a driver complained once while the database was starting."""
    apps = kube_print.library()
    apps["loans-api"].logs = [LINK, "Started LoansApplication in 14.2 seconds"]
    assert [one for one in analysed(apps, tmp_path).causes if one["grade"] >= 2] == []
