"""When a request that nobody answered was told of, when trouble with a message was; indexes for what the dispatcher looks at.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNANSWERED = sa.text("first_contact_at IS NULL AND escalated_at IS NULL")


def upgrade() -> None:
    for name in ("reminded_at", "escalated_at"):
        op.add_column("consultation_request", sa.Column(name, MOMENT, nullable=True))
    op.add_column("outbox_mail", sa.Column("alarmed_at", MOMENT, nullable=True))
    # What was there before anybody reminded is in the inbox; nobody is woken for all of it at once.
    op.execute("UPDATE consultation_request SET reminded_at = created_at, escalated_at = created_at WHERE status = 'new'")
    op.create_index(
        "ix_consultation_request_unanswered",
        "consultation_request",
        ["status", "created_at", "id"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
    op.create_index("ix_consultation_request_appointment_at", "consultation_request", ["appointment_at"])


def downgrade() -> None:
    op.drop_index("ix_consultation_request_appointment_at", table_name="consultation_request")
    op.drop_index("ix_consultation_request_unanswered", table_name="consultation_request")
    op.drop_column("outbox_mail", "alarmed_at")
    for name in ("escalated_at", "reminded_at"):
        op.drop_column("consultation_request", name)
