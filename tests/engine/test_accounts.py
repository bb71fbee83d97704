"""The login of a daemon, and each way in which the index can answer it."""

from __future__ import annotations

import pytest

from fakedocker.engine.accounts import CREATED, SUCCEEDED, Accounts, Login
from fakedocker.engine.errors import DockerError, Failure, Unauthorized
from fakedocker.engine.images.registry import Account, Registry


@pytest.fixture
def registry() -> Registry:
    return Registry(
        accounts={
            account.name: account
            for account in (
                Account("jane", "secret"),
                Account("idle", "secret", state="inactive"),
                Account("banned", "secret", state="refused", body='"no"'),
                Account("odd", "secret", state="odd", status=500, body="oops"),
                Account("fresh", "secret", state="odd", status=201),
            )
        }
    )


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


def test_the_right_password_logs_in(accounts: Accounts, registry: Registry) -> None:
    login = Login("jane", "secret", "jane@example.com")
    assert accounts.log_in(login, registry) == SUCCEEDED == "Login Succeeded\n"
    assert accounts.login == login


def test_a_wrong_password_fails_and_forgets_the_stored_login(accounts: Accounts, registry: Registry) -> None:
    registry.accounts["joe"] = Account("joe", "other")
    accounts.log_in(Login("jane", "secret"), registry)
    with pytest.raises(Unauthorized, match=r"^Wrong login/password, please try again$"):
        accounts.log_in(Login("joe", "wrong"), registry)
    assert accounts.login == Login()


def test_for_the_stored_user_the_stored_password_counts(accounts: Accounts, registry: Registry) -> None:
    accounts.log_in(Login("jane", "secret"), registry)
    assert accounts.log_in(Login("jane", "wrong", "new@example.com"), registry) == SUCCEEDED
    assert accounts.login == Login("jane", "secret", "new@example.com")


def test_an_unknown_user_is_registered_and_can_log_in_from_elsewhere(accounts: Accounts, registry: Registry) -> None:
    assert accounts.log_in(Login("new", "pw", "new@example.com"), registry) == CREATED
    assert accounts.login.username == "new"
    assert Accounts().log_in(Login("new", "pw"), registry) == SUCCEEDED


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        (
            "idle",
            Unauthorized,
            "Login: Your account hasn't been activated. Please check your e-mail for a confirmation link.",
        ),
        ("banned", Unauthorized, 'Registration: "no"'),
        ("odd", Failure, "Unexpected status code [500] : oops"),
    ],
)
def test_the_index_can_refuse_in_several_ways_and_the_stored_login_stays(
    accounts: Accounts, registry: Registry, name: str, kind: type[DockerError], text: str
) -> None:
    accounts.log_in(Login("jane", "secret"), registry)
    with pytest.raises(kind) as error:
        accounts.log_in(Login(name, "secret"), registry)
    assert str(error.value) == text
    assert accounts.login.username == "jane"


def test_an_index_that_says_created_is_believed(accounts: Accounts, registry: Registry) -> None:
    assert accounts.log_in(Login("fresh", "any"), registry) == CREATED
    assert accounts.login.username == "fresh"


def test_a_login_never_shows_its_password() -> None:
    assert "secret" not in repr(Login("jane", "secret"))
    assert "secret" not in str(Login("jane", "secret"))
