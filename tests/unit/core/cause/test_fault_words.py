"""Whose fault it is what a process says."""

from __future__ import annotations

from test_state import complaint, says

from afterword.core.cause import cluster, fault_words

DENIED = "Access denied for user 'reader'@'10.2.0.7'"


def told(
    words: dict[str, str], crashing: tuple[str, ...] = (), env: str = "DB_HOST=books-mysql"
) -> dict[tuple[str, str], float]:
    """Three apps and a MySQL, all as they should be but for those that crash."""
    states = [says("deployment/books-mysql", image="mysql:8.0", desired="1", available="1")]
    for name in ("books", "loans", "members"):
        up = "0" if name in crashing else "1"
        states.append(says(f"deployment/{name}", env=env, desired="1", available=up))
    states += [complaint(f"deployment/{name}", "CrashLoopBackOff", "back-off") for name in crashing]
    found = fault_words.faults(cluster.build(states).apps(), words)
    return {(one.component, one.kind): one.bits for one in found}


def test_one_client_that_is_refused_has_the_wrong_password_and_most_of_them_have_not() -> None:
    one = told({"loans": DENIED}, ("loans",))
    assert set(one) == {("app/loans", "mysql_invalid_credentials")}
    most = told({"loans": DENIED, "books": DENIED}, ("loans", "books"))
    assert max(most, key=lambda key: most[key]) == ("app/books-mysql", "mysql_invalid_credentials")


def test_a_hiccup_of_an_app_that_is_up_is_hardly_a_fault() -> None:
    """Once: a start. Again and again: the database is full, although all pods are ready."""
    once, often = told({"loans": "Too many connections"}), told({"loans": "Too many connections\n" * 5})
    assert max(once.values()) < 5 < often["app/books-mysql", "db_connection_exhaustion"]


def test_a_link_that_fails_for_all_is_not_the_port_of_each() -> None:
    words = dict.fromkeys(("books", "loans", "members"), "Communications link failure")
    alone = told({"loans": words["loans"]}, ("loans",))
    assert max(told(words, tuple(words)).values()) < alone["app/loans", "mysql_invalid_port"]


def test_a_name_that_no_service_has_is_misspelt_where_it_stands() -> None:
    misspelt = told({"loans": "dial tcp: lookup boks on 10.4.0.2:53: no such host"}, ("loans",), "BOOKS_ADDR=boks:9101")
    assert set(misspelt) == {("app/loans", "service_env_var_address_mismatch")}
    known = told(
        {"loans": "java.net.UnknownHostException: books: Name or service not known"},
        ("loans",),
        "BOOKS_ADDR=books:9101",
    )
    assert set(known) == {("app/loans", "service_dns_resolution_failure")}


def test_a_database_is_known_by_its_image_its_name_or_its_port() -> None:
    apps = cluster.build(
        [
            says("pod/store-0", image="mariadb:11"),
            says("pod/pg-postgres-0", image="x"),
            says("pod/keep-0", ports="5432/TCP"),
            says("pod/shop-0", ports="80/TCP"),
        ]
    ).apps()
    assert {name for name, one in apps.items() if fault_words.is_database(one)} == {
        "store-0",
        "pg-postgres-0",
        "keep-0",
    }
