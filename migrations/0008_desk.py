"""What the front desk notes of a request: first contact, next try, appointment, reason of closing, attempts, revision.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("due_at", "first_contact_at", "appointment_at"):
        op.add_column("consultation_request", sa.Column(name, MOMENT, nullable=True))
    op.add_column("consultation_request", sa.Column("close_reason", sa.String(24), nullable=True))
    op.add_column("consultation_request", sa.Column("email_key", sa.String(254), nullable=True))
    op.add_column("consultation_request", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("request_event", sa.Column("what", sa.String(24), nullable=False, server_default="moved"))
    op.add_column("request_event", sa.Column("planned_at", MOMENT, nullable=True))
    op.execute("UPDATE consultation_request SET email_key = lower(email) WHERE email IS NOT NULL")
    op.execute("UPDATE consultation_request SET due_at = created_at WHERE status = 'new'")
    op.execute("UPDATE consultation_request SET due_at = status_since WHERE status = 'no_answer'")
    op.execute(
        "UPDATE consultation_request SET first_contact_at = (SELECT min(at) FROM request_event WHERE request_id = "
        "consultation_request.id AND from_status = 'new' AND to_status IN ('contacted', 'no_answer', 'booked'))"
    )
    op.execute("UPDATE request_event SET what = 'arrived' WHERE from_status IS NULL")
    op.execute("UPDATE request_event SET what = 'corrected' WHERE from_status = to_status AND by_staff IS NULL")
    op.execute("UPDATE request_event SET what = 'noted' WHERE from_status = to_status AND by_staff IS NOT NULL")
    op.create_index("ix_consultation_request_due", "consultation_request", ["due_at", "id"])
    op.create_index("ix_consultation_request_email_key", "consultation_request", ["email_key"])


def downgrade() -> None:
    op.drop_index("ix_consultation_request_email_key", table_name="consultation_request")
    op.drop_index("ix_consultation_request_due", table_name="consultation_request")
    op.drop_column("request_event", "planned_at")
    op.drop_column("request_event", "what")
    for name in ("revision", "email_key", "close_reason", "appointment_at", "first_contact_at", "due_at"):
        op.drop_column("consultation_request", name)
