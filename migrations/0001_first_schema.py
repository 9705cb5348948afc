"""The first schema: every table that the site stands on.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = ("default",)
depends_on = None

AUDIT_DAYS = 730

# The audit log is append-only: nothing is changed, and nothing younger than the retention is deleted.
TRIGGERS = {
    "sqlite": (
        """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        f"""CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
        WHEN OLD.at > datetime('now', '-{AUDIT_DAYS} days')
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        f"""CREATE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '{AUDIT_DAYS} days' THEN
            RETURN OLD;
          END IF;
          RAISE EXCEPTION 'the audit log is append-only';
        END $$""",
        """CREATE TRIGGER audit_entry_keep BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_keep()""",
    ),
}
UNDO = {"sqlite": (), "postgresql": ("DROP FUNCTION audit_entry_keep()",)}


def upgrade() -> None:
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "comment_held",
                "request_received",
                "request_acknowledged",
                "staff_invited",
                name="kind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("message_key", sa.String(length=36), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "failed", "cancelled", name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retrying_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(length=120), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failure",
            sa.Enum("temporary", "permanent", "setup", name="failure", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("last_reply", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("message_key", name=op.f("uq_outbox_mail_message_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_mail_due", "outbox_mail", ["state", "next_at"], unique=False)
    op.create_index("ix_outbox_mail_recipient", "outbox_mail", ["kind", "recipient", "created_at"], unique=False)
    op.create_index("ix_outbox_mail_subject", "outbox_mail", ["kind", "subject_id"], unique=False)

    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index("ix_sign_in_failure_email", "sign_in_failure", ["email", "at"], unique=False)
    op.create_index("ix_sign_in_failure_network", "sign_in_failure", ["network", "at"], unique=False)

    op.create_table(
        "site_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_version_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_version")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "moderator", "front-desk", name="role", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(length=100), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "approved",
                "spam",
                "trash",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["comment.id"], name=op.f("fk_comment_parent_id_comment")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_comment_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comment_article", "comment", ["article_id", "status", "submitted_at", "id"], unique=False)
    op.create_index("ix_comment_author", "comment", ["email_key", "submitted_at"], unique=False)
    op.create_index("ix_comment_network", "comment", ["network", "submitted_at"], unique=False)
    op.create_index(op.f("ix_comment_parent_id"), "comment", ["parent_id"], unique=False)
    op.create_index("ix_comment_queue", "comment", ["status", "id"], unique=False)

    op.create_table(
        "consultation_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("submission_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("phone_raw", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "contact_by",
            sa.Enum("phone", "whatsapp", "email", name="contact_by", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "best_time",
            sa.Enum(
                "any", "morning", "afternoon", "evening", name="best_time", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("best_day", sa.Date(), nullable=True),
        sa.Column("treatment", sa.String(length=60), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("article_id", sa.String(length=100), nullable=True),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("suspected", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "new",
                "contacted",
                "no_answer",
                "booked",
                "closed",
                "spam",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["staff.id"], name=op.f("fk_consultation_request_assigned_to_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_consultation_request_reference")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_consultation_request_submission_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consultation_request_assigned_to"), "consultation_request", ["assigned_to"], unique=False)
    op.create_index("ix_consultation_request_inbox", "consultation_request", ["status", "id"], unique=False)
    op.create_index("ix_consultation_request_network", "consultation_request", ["network", "created_at"], unique=False)
    op.create_index("ix_consultation_request_phone", "consultation_request", ["phone", "created_at"], unique=False)

    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_setting_changed_by_staff")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "comment_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "held",
                "approved",
                "spam",
                "trash",
                "withdrawn",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "held",
                "approved",
                "spam",
                "trash",
                "withdrawn",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("by_staff", sa.Integer(), nullable=True),
        sa.Column(
            "how",
            sa.Enum("web", "mail", "command", "author", "site", name="how", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_comment_event_by_staff_staff")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_comment_event_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_event")),
    )
    op.create_index(op.f("ix_comment_event_comment_id"), "comment_event", ["comment_id"], unique=False)

    op.create_table(
        "request_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "new",
                "contacted",
                "no_answer",
                "booked",
                "closed",
                "spam",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "new",
                "contacted",
                "no_answer",
                "booked",
                "closed",
                "spam",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("by_staff", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_request_event_by_staff_staff")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["consultation_request.id"],
            name=op.f("fk_request_event_request_id_consultation_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_event")),
    )
    op.create_index(op.f("ix_request_event_request_id"), "request_event", ["request_id"], unique=False)
    op.execute("INSERT INTO site_version (id, version) VALUES (1, 1)")
    for statement in TRIGGERS[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_request_event_request_id"), table_name="request_event")

    op.drop_table("request_event")
    op.drop_index(op.f("ix_comment_event_comment_id"), table_name="comment_event")

    op.drop_table("comment_event")
    op.drop_table("setting")
    op.drop_index("ix_consultation_request_phone", table_name="consultation_request")
    op.drop_index("ix_consultation_request_network", table_name="consultation_request")
    op.drop_index("ix_consultation_request_inbox", table_name="consultation_request")
    op.drop_index(op.f("ix_consultation_request_assigned_to"), table_name="consultation_request")

    op.drop_table("consultation_request")
    op.drop_index("ix_comment_queue", table_name="comment")
    op.drop_index(op.f("ix_comment_parent_id"), table_name="comment")
    op.drop_index("ix_comment_network", table_name="comment")
    op.drop_index("ix_comment_author", table_name="comment")
    op.drop_index("ix_comment_article", table_name="comment")

    op.drop_table("comment")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")

    op.drop_table("audit_entry")
    op.drop_table("staff")
    op.drop_table("site_version")
    op.drop_index("ix_sign_in_failure_network", table_name="sign_in_failure")
    op.drop_index("ix_sign_in_failure_email", table_name="sign_in_failure")

    op.drop_table("sign_in_failure")
    op.drop_index("ix_outbox_mail_subject", table_name="outbox_mail")
    op.drop_index("ix_outbox_mail_recipient", table_name="outbox_mail")
    op.drop_index("ix_outbox_mail_due", table_name="outbox_mail")

    op.drop_table("outbox_mail")
    for statement in UNDO[op.get_context().dialect.name]:
        op.execute(statement)
