"""Where a visit began that led to a request; numbers by day of what was seen, opened and sent, and of how soon it was answered.

Revision ID: 0016
"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TOUCH = ("landing", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
DIRECT = "direct"


def upgrade() -> None:
    op.add_column("consultation_request", sa.Column("source", sa.String(40), nullable=False, server_default=DIRECT))
    for name in TOUCH:
        op.add_column("consultation_request", sa.Column(name, sa.String(100), nullable=False, server_default=sa.text("''")))
    op.add_column("consultation_request", sa.Column("first_contact_minutes", sa.Integer, nullable=True))
    steps = sa.Enum("view", "form", "sent", name="step", native_enum=False, create_constraint=True, length=24)
    op.create_table(
        "daily_traffic",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("step", steps, nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", "step", "article_id", "source", name="pk_daily_traffic"),
    )
    op.create_table(
        "first_contact",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", "minutes", name="pk_first_contact"),
    )
    _count_what_is_there()


def _count_what_is_there() -> None:
    """Requests of before, by the day in UTC, since a migration does not know the clinic's zone; how soon they were answered
    in working time is not known any more."""
    connection = op.get_bind()
    request = sa.table(
        "consultation_request", sa.column("created_at", sa.DateTime(timezone=True)), sa.column("article_id"), sa.column("status")
    )
    rows = connection.execute(sa.select(request.c.created_at, request.c.article_id).where(request.c.status != "spam"))
    days = Counter((created_at.date(), article_id or "") for created_at, article_id in rows)
    traffic = sa.table(
        "daily_traffic", *(sa.column(name) for name in ("step", "article_id", "source", "number")), sa.column("day", sa.Date)
    )
    found = [
        {"day": day, "step": "sent", "article_id": article_id, "source": DIRECT, "number": number}
        for (day, article_id), number in days.items()
    ]
    if found:
        connection.execute(sa.insert(traffic), found)


def downgrade() -> None:
    op.drop_table("first_contact")
    op.drop_table("daily_traffic")
    for name in ("first_contact_minutes", *reversed(TOUCH), "source"):
        op.drop_column("consultation_request", name)
