"""What the owner changes at run time."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.settings_forms import SettingsForm, shown
from domain import audit, site_version
from domain import settings as facts
from extensions import db

bp = Blueprint("settings", __name__)


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Rows that win over site.toml."""
    site = clinic.site()
    slugs = [treatment.slug for treatment in site.treatments]
    form = SettingsForm(treatments=slugs, data={name: shown(site, name) for name in facts.RUNTIME})
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    session = database.begin_write(db.session)
    changed = facts.change(session, site, form.values, clinic.now(), gate.me().id)
    if changed:
        site_version.bump(session)
        keys = ", ".join(changed)
        audit.record(session, clinic.now(), gate.me().id, "settings changed", keys[:60], changed=keys)
    session.commit()
    flash("Saved." if changed else "Nothing was changed.", "success")
    return redirect(url_for("staff.settings.settings"), 303)


def _page(form: SettingsForm) -> str:
    return render_template("staff/settings.html", page_title="Settings", form=form, treatments=clinic.site().treatments)
