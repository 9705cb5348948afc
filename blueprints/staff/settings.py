"""What the owner changes at run time."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.settings_forms import SettingsForm, shown
from domain import audit, site_version, staff
from domain import settings as facts
from extensions import db

bp = Blueprint("settings", __name__)


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Rows that win over site.toml."""
    # First: what is changed between the two is told of once too often, not overlooked.
    last = _last_change(db.session)
    site = facts.effective(db.session, clinic.base_site())
    slugs = [treatment.slug for treatment in site.treatments]
    form = SettingsForm(treatments=slugs, data={name: shown(site, name) for name in facts.RUNTIME})
    if not form.is_submitted():
        return _page(form, last)
    seen = request.form.get("seen", last)
    if not form.validate():
        return _page(form, seen), 422
    session = database.begin_write(db.session, facts.SETTINGS)
    site = facts.effective(session, clinic.base_site())
    if overtaken := _overtaken(session, site, form, seen):
        form.form_errors.append(overtaken)
        last = _last_change(session)
        session.rollback()
        return _page(form, last), 409
    changed = facts.change(session, site, form.values, clinic.now(), gate.me().id)
    if changed:
        site_version.bump(session)
        keys = ", ".join(changed)
        audit.record(session, clinic.now(), gate.me().id, "settings changed", keys[:60], changed=keys)
    session.commit()
    flash("Saved." if changed else "Nothing was changed.", "success")
    return redirect(url_for("staff.settings.settings"), 303)


def _last_change(session: Session) -> str:
    """When the settings were changed last, as the form carries it; empty when they never were."""
    return max((_written(at) for at, _ in facts.changes(session).values()), default="")


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _overtaken(session: Session, site: facts.Site, form: SettingsForm, seen: str) -> str | None:
    """Says what others have changed since `seen` and this form would change back."""
    would_change = facts.differing(site, form.values)
    others = {key: by for key, (at, by) in facts.changes(session).items() if _written(at) > seen and key in would_change}
    if not others:
        return None
    names = staff.names(session, others.values())
    told = "; ".join(f"{form[key].label.text} ({names.get(by, 'somebody')})" for key, by in others.items())
    return f"Changed since you opened this page: {told}. What you typed is still here; saving it again replaces that."


def _page(form: SettingsForm, seen: str) -> str:
    treatments = clinic.site().treatments
    return render_template("staff/settings.html", page_title="Settings", form=form, treatments=treatments, seen=seen)
