"""flask staff: accounts from a shell."""

import sys

import click

import clinic
import database
from cli.group import Group
from domain import audit, staff
from domain.staff import Role
from domain.text import MAX_NAME, clean_line, is_email
from extensions import db

group = Group("staff", help="Accounts of the people who work here.")


@group.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Shown in histories; default: the part before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make an account; without --password-stdin, print a link to set the password (72 h)."""
    address = clean_line(email)
    if not is_email(address):
        raise click.ClickException(f"{email}: expected an email address")
    shown: str = clean_line(name) or address.partition("@")[0]
    if len(shown) > MAX_NAME:
        raise click.ClickException(f"name: expected at most {MAX_NAME} characters")
    password = _typed_password() if password_stdin else None
    if password is not None and (fault := staff.password_fault(password, [*shown.split(), *address.split("@")])):
        raise click.ClickException(f"password: too {fault}; expected at least {staff.MIN_PASSWORD} characters, hard to guess")
    password_hash = staff.hash_password(password) if password is not None else None
    session = database.begin_write(db.session, "staff-invite")
    try:
        person = staff.invite(session, address, shown, Role(role), clinic.now())
    except staff.AlreadyThere as error:
        raise click.ClickException(f"{address}: an account with this address exists") from error
    if password_hash is not None:
        staff.set_password_hash(person, password_hash)
    audit.record(session, clinic.now(), None, "person invited", f"staff {person.id}", role=role)
    session.commit()
    link = f"Open this link within 72 hours: {clinic.setup_link(person)}"
    click.echo(f"{address} has the role {role}." if password_hash else link)


@group.command()
@click.argument("email")
@click.option("--second-factor", is_flag=True, help="Take the second factor off too, for a lost phone.")
def reset(email: str, second_factor: bool) -> None:
    """Print a link by which somebody sets a new password (72 h, works once)."""
    session = database.begin_write(db.session)
    person = staff.by_email(session, email)
    if person is None or not person.active:
        raise click.ClickException(f"{email}: expected the address of an active account")
    if second_factor:
        staff.turn_off(session, person)
        staff.end_sessions(person)
        audit.record(session, clinic.now(), None, "second factor removed", f"staff {person.id}")
    audit.record(session, clinic.now(), None, "reset link made", f"staff {person.id}")
    session.commit()
    click.echo(f"Open this link within 72 hours: {clinic.setup_link(person)}")


def _typed_password() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\n")
    except UnicodeDecodeError as error:
        raise click.ClickException("password: expected text in UTF-8") from error
