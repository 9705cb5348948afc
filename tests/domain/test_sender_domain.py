"""What the DNS says of the sender's domain; asked of a table, and of a name server of the test's own."""

import socket
import threading
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from checks import Level
from checks.sender_domain import Ask, CouldNotAsk, asker, sender_domain

GOOD = {
    "clinic.example.org": ["v=spf1 include:mail.example.net -all", "site-verification=abc"],
    "mail._domainkey.clinic.example.org": ["v=DKIM1; k=rsa; p=MIGfMA0"],
    "_dmarc.clinic.example.org": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"],
}
DOMAIN = "clinic.example.org"


def table(records: dict[str, list[str]]) -> Ask:
    """A resolver that knows these names."""
    return lambda name: records.get(name, [])


def levels(changes: dict[str, list[str]]) -> dict[str, Level]:
    """What each check says when some records differ from good ones."""
    return {finding.check: finding.level for finding in sender_domain(DOMAIN, table(GOOD | changes))}


def test_good_records_are_well() -> None:
    assert levels({}) == {"SPF": Level.OK, "DKIM": Level.OK, "DMARC": Level.OK}


@pytest.mark.parametrize(
    ("name", "records", "check", "level"),
    [
        (DOMAIN, [], "SPF", Level.WARN),
        (DOMAIN, ["v=spf10 -all"], "SPF", Level.WARN),
        (DOMAIN, ["v=spf1 -all", "v=spf1 a -all"], "SPF", Level.FAIL),
        (DOMAIN, ["v=spf1 +all"], "SPF", Level.WARN),
        (DOMAIN, ["v=spf1 all"], "SPF", Level.WARN),
        (DOMAIN, ["v=spf1"], "SPF", Level.OK),
        (f"mail._domainkey.{DOMAIN}", [], "DKIM", Level.NOTE),
        (f"mail._domainkey.{DOMAIN}", ["v=DKIM1; p="], "DKIM", Level.WARN),
        (f"_dmarc.{DOMAIN}", [], "DMARC", Level.WARN),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=none"], "DMARC", Level.NOTE),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; rua=mailto:a@example.org"], "DMARC", Level.FAIL),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], "DMARC", Level.FAIL),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=reject;sp=none"], "DMARC", Level.OK),
    ],
    ids=[
        "no SPF",
        "a record of something else",
        "two SPF records (RFC 7208, 4.5)",
        "everybody may send",
        "everybody may send, without the plus",
        "an SPF record that says nothing",
        "no key under a usual name",
        "a revoked key (RFC 6376, 3.6.1)",
        "no DMARC",
        "DMARC that watches",
        "DMARC without a policy",
        "two DMARC records (RFC 7489, 6.6.3)",
        "DMARC with more tags",
    ],
)
def test_a_record_is_judged(name: str, records: list[str], check: str, level: Level) -> None:
    assert levels({name: records})[check] is level


def test_the_policy_of_a_domain_above_counts() -> None:
    records = GOOD | {f"_dmarc.{DOMAIN}": [], "_dmarc.example.org": ["v=DMARC1; p=reject"]}
    assert sender_domain(DOMAIN, table(records))[2].what == "_dmarc.example.org has a record with p=reject."


def test_a_key_is_found_under_a_name_that_is_given() -> None:
    records = {f"mail._domainkey.{DOMAIN}": [], f"2026a._domainkey.{DOMAIN}": ["p=MIGf"]}
    found = sender_domain(DOMAIN, table(GOOD | records), ["2026a"])
    assert found[1].level is Level.OK


@pytest.mark.parametrize("domain", ["localhost", "clinic.example", "clinic.local", "clinic"])
def test_a_domain_that_nobody_can_look_up_is_not_asked_for(domain: str) -> None:
    def never(name: str) -> list[str]:
        raise AssertionError(name)

    (finding,) = sender_domain(domain, never)
    assert finding.level is Level.NOTE


def test_a_resolver_that_fails_is_no_fault_of_the_domain() -> None:
    def fail(_name: str) -> list[str]:
        raise CouldNotAsk("LifetimeTimeout")

    (finding,) = sender_domain(DOMAIN, fail)
    assert finding.level is Level.NOTE
    assert finding.what == "Could not ask the DNS about clinic.example.org (LifetimeTimeout)."


class NameServer:
    """A name server on a loopback port that knows GOOD, or takes questions and says nothing."""

    def __init__(self, is_silent: bool) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._silent = is_silent
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers = ["127.0.0.1"]
        self.resolver.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, sender = self._socket.recvfrom(4096)
            if packet == b"stop":
                return
            if not self._silent:
                self._socket.sendto(self._answer(dns.message.from_wire(packet)).to_wire(), sender)

    def _answer(self, asked: dns.message.Message) -> dns.message.Message:
        answer, name = dns.message.make_response(asked), asked.question[0].name
        answer.flags |= dns.flags.RA
        texts = GOOD.get(name.to_text(omit_final_dot=True), [])
        if texts:
            quoted = [f'"{text[:9]}" "{text[9:]}"' for text in texts]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def stop(self) -> None:
        """Ends the thread and frees the port."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.sendto(b"stop", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def name_server(request: pytest.FixtureRequest) -> Iterator[NameServer]:
    """One that answers, unless the test asks for a silent one."""
    server = NameServer(is_silent=getattr(request, "param", False))
    yield server
    server.stop()


def test_a_real_resolver_is_asked_and_joins_the_parts_of_a_record(name_server: NameServer) -> None:
    found = sender_domain(DOMAIN, asker(name_server.resolver))
    assert [finding.level for finding in found] == [Level.OK] * 3


@pytest.mark.parametrize("name_server", [True], indirect=True)
def test_all_questions_share_one_deadline(name_server: NameServer) -> None:
    began = time.monotonic()
    (finding,) = sender_domain(DOMAIN, asker(name_server.resolver, seconds=0.5))
    assert time.monotonic() - began < 2
    assert finding.what.startswith("Could not ask")


def test_a_deadline_that_is_over_asks_nobody(name_server: NameServer) -> None:
    with pytest.raises(CouldNotAsk, match="no time left"):
        asker(name_server.resolver, seconds=0)(DOMAIN)


def test_a_machine_without_a_resolver_could_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", none)
    with pytest.raises(CouldNotAsk, match="NoResolverConfiguration"):
        asker()(DOMAIN)
