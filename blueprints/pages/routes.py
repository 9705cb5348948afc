"""The pages that say who the clinic is, and the way in."""

from flask import Blueprint, render_template, url_for

import clinic
from domain import comments, consultations
from pagecache import Page
from web import page_meta

bp = Blueprint("pages", __name__)
CACHEABLE = {"pages.home": Page(), "pages.about": Page(), "pages.contact": Page(), "pages.privacy": Page()}
NEWEST = 5
"""Articles on the home page; the list has all of them."""


@bp.get("/")
def home() -> str:
    """Who is helped here and where, and the two ways on."""
    site = clinic.site()
    meta = page_meta.indexed(
        f"Chronic migraine care in {site.city}",
        f"{site.name} in {site.city}: clear, sourced information about chronic migraine and its treatment, "
        "and a simple way to ask for a consultation.",
        (),
    )
    pages = {page.treatment: page for page in clinic.offered()}
    articles = clinic.library().public(clinic.now())
    return render_template("pages/home.html", meta=meta, articles=articles[:NEWEST], has_more=len(articles) > NEWEST, pages=pages)


@bp.get("/about")
def about() -> str:
    """What the site is, how it is made, and why it looks as it does."""
    meta = page_meta.indexed(
        "About us",
        f"Who writes this site, how {clinic.site().name} checks what it says, and why the pages are quiet, green and still.",
        [("About us", url_for("pages.about"))],
        kind="AboutPage",
    )
    return render_template("pages/about.html", meta=meta)


@bp.get("/contact")
def contact() -> str:
    """The ways to reach the clinic that are configured."""
    site = clinic.site()
    meta = page_meta.indexed(
        f"Contact {site.name}, {site.city}",
        f"How to reach {site.name} in {site.city}: ask for a consultation and the clinic contacts you in the way you choose.",
        [("Contact", url_for("pages.contact"))],
        kind="ContactPage",
    )
    return render_template("pages/contact.html", meta=meta)


@bp.get("/privacy")
def privacy() -> str:
    """What is stored, why, for how long, and how to have it erased; the numbers are those the retention run uses."""
    periods = clinic.site().periods
    meta = page_meta.indexed(
        "Privacy",
        "What this site keeps when you comment or ask for a consultation, why, for how long, how to have it erased.",
        [("Privacy", url_for("pages.privacy"))],
    )
    return render_template(
        "pages/privacy.html",
        meta=meta,
        retention=periods,
        block_days=comments.blocks.LONGEST[comments.blocks.Target.NETWORK].days,
        consent_text=consultations.consent_text(periods.request_months),
        consent_version=consultations.consent_version(periods.request_months),
        comment_text=comments.CONSENT_TEXT,
        comment_version=comments.CONSENT_VERSION,
    )
