"""What the DNS says of the domain we write from: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489)."""

import re
import time
from collections.abc import Callable, Sequence
from functools import partial

import dns.exception
import dns.resolver

from checks.finding import Finding, Level

Ask = Callable[[str], list[str]]
"""The TXT records of a name, none where there is no such name. Raises CouldNotAsk."""
DEADLINE_SECONDS = 8.0
"""For all questions together."""
USUAL_SELECTORS = ("default", "mail", "dkim", "google", "selector1", "selector2", "k1", "s1", "s2", "smtp", "key1", "mx")
"""Names under which providers publish their keys; the DNS has no list of them."""
_PRIVATE = re.compile(r"(^|\.)(localhost|local|internal|test|example|invalid|lan)$")
"""Domains that nobody can look up (RFC 6761, RFC 6762)."""


class CouldNotAsk(Exception):
    """No resolver, no answer, or no time left."""


def asker(resolver: dns.resolver.Resolver | None = None, seconds: float = DEADLINE_SECONDS) -> Ask:
    """Asks `resolver`, that of this machine unless another is given; all questions share one deadline."""
    ends = time.monotonic() + seconds

    def ask(name: str) -> list[str]:
        left = ends - time.monotonic()
        if left <= 0:
            raise CouldNotAsk("no time left")
        try:
            answer = (resolver or dns.resolver.Resolver()).resolve(name, "TXT", lifetime=left, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise CouldNotAsk(type(error).__name__) from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]

    return ask


def sender_domain(domain: str, ask: Ask, selectors: Sequence[str] = USUAL_SELECTORS) -> list[Finding]:
    """One finding each for SPF, DKIM and DMARC; the first that could not be asked ends it."""
    if _PRIVATE.search(domain) or "." not in domain:
        what = f"{domain} is no domain that others can look up, so mail from it will not be trusted elsewhere."
        return [
            Finding("sender domain", Level.NOTE, what, "Set FLASK_MAIL_DEFAULT_SENDER to an address of the clinic's own domain.")
        ]
    findings = []
    for check in (_spf, partial(_dkim, selectors), _dmarc):
        try:
            findings.append(check(domain, ask))
        except CouldNotAsk as error:
            advice = "The name servers of this machine (/etc/resolv.conf) did not answer; look at the records elsewhere."
            findings.append(Finding("sender domain", Level.NOTE, f"Could not ask the DNS about {domain} ({error}).", advice))
            break
    return findings


def _spf(domain: str, ask: Ask) -> Finding:
    records = [text for text in ask(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    advice = f'Publish one TXT record at {domain} that names the mail server, such as "v=spf1 include:... -all".'
    if not records:
        return Finding("SPF", Level.WARN, f"{domain} has no SPF record: nothing says who may send its mail.", advice)
    if len(records) > 1:
        return Finding("SPF", Level.FAIL, f"{domain} has {len(records)} SPF records; receivers then take none.", advice)
    if re.search(r"(^| )\+?all( |$)", records[0], re.IGNORECASE):
        return Finding("SPF", Level.WARN, "The SPF record lets everybody send (+all).", advice)
    return Finding("SPF", Level.OK, f"{domain} has one SPF record. Whether it names our mail server, the test mail's headers say.")


def _dkim(selectors: Sequence[str], domain: str, ask: Ask) -> Finding:
    for selector in selectors:
        records = [text for text in ask(f"{selector}._domainkey.{domain}") if re.search(r"(^|;)\s*p\s*=", text)]
        if any(re.search(r"(^|;)\s*p\s*=\s*[^;\s]", text) for text in records):
            return Finding("DKIM", Level.OK, f"A key is published under {selector}._domainkey.{domain}.")
        if records:
            advice = "Have the mail provider publish a new one."
            return Finding("DKIM", Level.WARN, f"The key under {selector}._domainkey.{domain} was revoked (an empty p=).", advice)
    return Finding(
        "DKIM",
        Level.NOTE,
        f"No DKIM key was found under the usual names at {domain}.",
        "Does the test mail say dkim=pass? Then all is well; flask doctor --dkim-selector NAME looks under its s= name.",
    )


def _dmarc(domain: str, ask: Ask) -> Finding:
    """The record of the domain or of the nearest one above that has any."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        records = [text for text in ask(name) if re.match(r"v=DMARC1\s*(;|$)", text)]
        if records:
            return _policy(name, records)
    advice = f'Publish a TXT record at _dmarc.{domain}, to begin with "v=DMARC1; p=none; rua=mailto:...".'
    return Finding("DMARC", Level.WARN, f"{domain} has no DMARC record; large providers may then refuse its mail.", advice)


def _policy(name: str, records: Sequence[str]) -> Finding:
    policy = re.search(r";\s*p\s*=\s*(none|quarantine|reject)\s*(;|$)", records[0], re.IGNORECASE)
    if len(records) > 1 or policy is None:
        what = f"{name} has {len(records)} records" if len(records) > 1 else f"{name} has a record without a policy"
        return Finding("DMARC", Level.FAIL, f"{what}; receivers then take none.", "Leave one, with p=none, quarantine or reject.")
    if policy[1].lower() == "none":
        advice = "When the reports are clean, move to p=quarantine."
        return Finding("DMARC", Level.NOTE, f"{name} has a record that only watches (p=none).", advice)
    return Finding("DMARC", Level.OK, f"{name} has a record with p={policy[1].lower()}.")
