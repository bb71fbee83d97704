"""Who is logged in: the one login a daemon of 2013 kept, and how the index answered it (moby auth/auth.go)."""

from __future__ import annotations

from dataclasses import dataclass

from fakedocker.engine import errors
from fakedocker.engine.images.registry import Account, Registry

SUCCEEDED = "Login Succeeded\n"
CREATED = "Account created. Please use the confirmation link we sent to your e-mail to activate it.\n"


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user name, its password and e-mail address; never shown as text, so that no log can hold a password."""

    username: str = ""
    password: str = ""
    email: str = ""


class Accounts:
    """The stored login of a daemon."""

    def __init__(self) -> None:
        self.login = Login()

    def log_in(self, login: Login, registry: Registry) -> str:
        """Log in, or register who is not known yet, and keep the login; return the index's answer.

        For the stored user the stored password counts, not the given one; a wrong login forgets the stored one.
        Raises Unauthorized or Failure.
        """
        if login.username == self.login.username and login.username:
            login = Login(login.username, self.login.password, login.email)
        account = registry.accounts.get(login.username)
        if account is None:
            registry.accounts[login.username] = Account(login.username, login.password, login.email)
            self.login = login
            return CREATED
        match account.state:
            case "inactive":
                raise errors.inactive_account()
            case "refused":
                raise errors.registration_refused(account.body)
            case "odd" if account.status != 201:
                raise errors.unexpected_registration_status(account.status, account.body)
            case "odd":
                self.login = login
                return CREATED
        if account.password != login.password:
            self.login = Login()
            raise errors.wrong_login()
        self.login = login
        return SUCCEEDED


def verify(login: Login, registry: Registry, server: str = "") -> None:
    """See whether a registry knows a user by this password. Raises Unauthorized.

    Today's daemons keep no login: clients do, and send it with what they ask.
    """
    account = registry.accounts.get(login.username)
    if account is None or account.password != login.password:
        host = server.removeprefix("https://").removeprefix("http://").partition("/")[0]
        raise errors.login_refused(errors.DOCKER_HUB if host in ("", "index.docker.io", "docker.io") else host)
