"""schema.org descriptions of the site and its pages, as one JSON-LD graph a page; says only what the page says.

Rules: developers.google.com/search/docs/appearance/structured-data (article, breadcrumb, local-business) and
schema.org/MedicalWebPage. MedicalClinic is a LocalBusiness, which needs an address; without one the clinic is a
MedicalOrganization.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.articles import Article
from domain.documents import Document
from domain.settings import Site
from domain.treatments import TreatmentPage
from domain.working_time import DAYS, Holiday

Node = dict[str, Any]


@dataclass(frozen=True)
class Crumb:
    """One step of the way from the home page; absolute URL."""

    name: str
    url: str


def organisation(site: Site, home: str, logo: str | None = None) -> Node:
    """The clinic, as far as its facts are known; absolute URLs."""
    node: Node = {
        "@type": "MedicalClinic" if site.address else "MedicalOrganization",
        "@id": f"{home}#clinic",
        "name": site.name,
        "url": home,
    }
    if logo:
        node["logo"] = logo
    if site.email:
        node["email"] = site.email
    if site.phone:
        node["telephone"] = site.phone.e164
    if site.address:
        node["address"] = {
            "@type": "PostalAddress",
            "streetAddress": ", ".join(part for part in (site.address.street, site.address.area) if part),
            "addressLocality": site.address.city,
            **({"postalCode": site.address.postal_code} if site.address.postal_code else {}),
            "addressCountry": "PK",
        }
        node["openingHoursSpecification"] = [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": f"https://schema.org/{day.capitalize()}",
                "opens": f"{opens:%H:%M}",
                "closes": f"{closes:%H:%M}",
            }
            for day in DAYS
            for opens, closes in site.opening.get(day, ())
        ]
        if not node["openingHoursSpecification"]:
            del node["openingHoursSpecification"]
        elif site.holidays:
            node["specialOpeningHoursSpecification"] = [_closed(holiday) for holiday in site.holidays]
    return node


def _closed(holiday: Holiday) -> Node:
    # From 00:00 to 00:00 is how closed for the whole day is written.
    return {
        "@type": "OpeningHoursSpecification",
        "name": holiday.name,
        "validFrom": holiday.first.isoformat(),
        "validThrough": holiday.last.isoformat(),
        "opens": "00:00",
        "closes": "00:00",
    }


def website(site: Site, home: str) -> Node:
    """The site itself."""
    return {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "name": site.name,
        "url": home,
        "inLanguage": "en",
        "publisher": {"@id": f"{home}#clinic"},
    }


def breadcrumbs(crumbs: Sequence[Crumb]) -> Node:
    """The way to the page; its @id hangs on the last URL."""
    return {
        "@type": "BreadcrumbList",
        "@id": f"{crumbs[-1].url}#breadcrumb",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": crumb.name, "item": crumb.url}
            for number, crumb in enumerate(crumbs, 1)
        ],
    }


def page(home: str, here: Crumb, description: str, kind: str = "WebPage") -> Node:
    """A page that is more than a place to go on from; `kind` is WebPage or a type below it."""
    node: Node = {
        "@type": kind,
        "@id": here.url,
        "url": here.url,
        "name": here.name,
        "description": description,
        "inLanguage": "en",
        "isPartOf": {"@id": f"{home}#website"},
    }
    if here.url == home:
        node["about"] = {"@id": f"{home}#clinic"}
    else:
        node["breadcrumb"] = {"@id": f"{here.url}#breadcrumb"}
    return node


def medical_page(site: Site, home: str, url: str, item: Document) -> Node:
    """A page of health information for patients. A reviewer is named only while the text is the one that was signed."""
    node = page(home, Crumb(item.title, url), item.description, "MedicalWebPage") | {
        "datePublished": item.published.astimezone(site.timezone).isoformat(timespec="seconds"),
        "dateModified": item.updated.astimezone(site.timezone).isoformat(timespec="seconds"),
        "audience": {"@type": "MedicalAudience", "audienceType": "Patient"},
    }
    if item.condition:
        node["about"] = {"@type": "MedicalCondition", "name": item.condition}
    return node | _reviewed(site, item)


def article(site: Site, home: str, url: str, item: Article, comment_count: int, *, pictures: Sequence[str] = ()) -> list[Node]:
    """A health article: MedicalWebPage whose main entity is a BlogPosting with its citations; `pictures` are absolute URLs."""
    page_node = medical_page(site, home, url, item) | {"mainEntity": {"@id": f"{url}#article"}}
    posting: Node = {
        "@type": "BlogPosting",
        "@id": f"{url}#article",
        "mainEntityOfPage": {"@id": url},
        "headline": item.title,
        "description": item.description,
        "inLanguage": "en",
        "datePublished": page_node["datePublished"],
        "dateModified": page_node["dateModified"],
        "wordCount": item.words,
        "author": _author(home, item),
        "publisher": {"@id": f"{home}#clinic"},
        "commentCount": comment_count,
        "citation": _citations(item),
    }
    if pictures:
        posting["image"] = list(pictures)
    return [page_node, posting]


def treatment(site: Site, home: str, url: str, item: TreatmentPage) -> list[Node]:
    """The page of a treatment: MedicalWebPage about a TherapeuticProcedure. What it costs or achieves is not said here either."""
    page_node = medical_page(site, home, url, item) | {
        "mainEntity": {"@id": f"{url}#treatment"},
        "author": _author(home, item),
        "publisher": {"@id": f"{home}#clinic"},
        "citation": _citations(item),
    }
    procedure: Node = {
        "@type": "TherapeuticProcedure",
        "@id": f"{url}#treatment",
        "mainEntityOfPage": {"@id": url},
        "name": site.treatment_name(item.treatment) or item.title,
    }
    return [page_node, procedure]


def _author(home: str, item: Document) -> Node:
    return {"@type": "Organization", "name": item.author, "url": home}


def _citations(item: Document) -> list[Node]:
    return [
        {"@type": "CreativeWork", "name": reference.label, **({"url": reference.url} if reference.url else {})}
        for reference in item.references
    ]


def _reviewed(site: Site, item: Document) -> Node:
    review = item.review(site.reviewers)
    if review is None:
        return {}
    person: Node = {
        "@type": "Person",
        "name": review.reviewer.name,
        "jobTitle": review.reviewer.specialty,
        "hasCredential": {"@type": "EducationalOccupationalCredential", "name": review.reviewer.credential},
    }
    if review.reviewer.url:
        person["url"] = review.reviewer.url
    return {"lastReviewed": review.reviewed.isoformat(), "reviewedBy": person}


def graph(nodes: Sequence[Node]) -> str:
    """The nodes as JSON that is safe inside a script element (no "<" is left as it is)."""
    text = json.dumps({"@context": "https://schema.org", "@graph": list(nodes)}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
