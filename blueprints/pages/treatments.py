"""What the clinic offers: the list of treatments, and a page for each."""

from flask import render_template, url_for

import clinic
from blueprints.pages.routes import bp
from domain import structured_data
from domain.treatments import TreatmentPage
from pagecache import Page
from web import page_meta
from web.document_pages import document_or_leave

CACHEABLE = {"pages.treatment_list": Page(), "pages.treatment": Page()}


@bp.get("/treatments/")
def treatment_list() -> str:
    """All treatments that have a page, in the order of site.toml."""
    city = clinic.site().city
    meta = page_meta.indexed(
        f"Treatments in {city}",
        f"What {clinic.site().name} in {city} offers: what each treatment is, who should not have it, and its risks, with sources.",
        [("Treatments", url_for("pages.treatment_list"))],
        kind="CollectionPage",
    )
    return render_template("pages/treatment_list.html", meta=meta, treatments=clinic.offered())


@bp.get("/treatments/<slug>")
def treatment(slug: str) -> str:
    """What a treatment is, who should not have it, what a visit is like, what comes after, and the risks."""
    item = document_or_leave(clinic.treatment_pages(), slug, clinic.now(), lambda there: url_for("pages.treatment", slug=there))
    return render_template("pages/treatment.html", meta=_meta(item), treatment=item)


def _meta(item: TreatmentPage) -> page_meta.PageMeta:
    url = clinic.absolute("pages.treatment", slug=item.slug)
    crumbs = [("Treatments", url_for("pages.treatment_list")), (item.title, url_for("pages.treatment", slug=item.slug))]
    return page_meta.indexed(
        item.seo_title,
        item.description,
        crumbs,
        nodes=structured_data.treatment(clinic.site(), clinic.absolute("pages.home"), url, item),
        published=item.published,
        modified=item.updated,
    )
