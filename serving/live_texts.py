"""The texts of the running site: read at its start, and again when their files have changed."""

import logging
from collections.abc import Collection
from pathlib import Path

from flask import Flask

from domain import articles, treatments
from domain.front_matter import InvalidDocument

logger = logging.getLogger("content")
KEPT = "texts"
"""Where the instance folder holds what was read before; it can be deleted, and the next start takes longer."""


def init_app(app: Flask, known: Collection[str], *, generic: bool) -> None:
    """Reads all texts. `known` are the slugs of treatments; `generic` asks for texts without brand names.

    Raises InvalidDocument for the first one that cannot be shown.
    """
    folder, kept = Path(app.config["CONTENT_PATH"]), Path(app.instance_path) / KEPT
    app.extensions["shelves"] = {
        "LIBRARY": articles.shelf(folder / "articles", known, generic=generic, kept=kept / "articles"),
        "TREATMENT_PAGES": treatments.shelf(folder / "treatments", known, generic=generic, kept=kept / "treatments"),
    }
    app.config.update({key: shelf.library for key, shelf in app.extensions["shelves"].items()})


def refresh(app: Flask) -> bool:
    """Reads what has changed on the disk; whether pages may look different now. What cannot be shown is logged and left out."""
    is_new = False
    for key, shelf in app.extensions.get("shelves", {}).items():
        try:
            if shelf.refresh():
                app.config[key], is_new = shelf.library, True
        except InvalidDocument as error:
            logger.error("%s; the site shows what it had", error)
    return is_new
