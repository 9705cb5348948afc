"""Mail to readers, messages that gather several comments, and blocks.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox_item",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outbox_mail.id"], name=op.f("fk_outbox_item_mail_id_outbox_mail"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", "item_id", name=op.f("pk_outbox_item")),
    )
    op.create_index("ix_outbox_item_item_id", "outbox_item", ["item_id"])
    op.execute("INSERT INTO outbox_item (mail_id, item_id) SELECT id, subject_id FROM outbox_mail WHERE kind = 'comment_held'")
    op.create_table(
        "reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("mailbox", sa.String(254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader")),
        sa.UniqueConstraint("email_key", name=op.f("uq_reader_email_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reader_mailbox", "reader", ["mailbox"])
    for name in ("tell_published", "tell_replies"):
        op.add_column("comment", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "comment_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("value", sa.String(254), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.CheckConstraint("target IN ('address', 'host', 'network')", name=op.f("ck_comment_block_target")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_comment_block_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_block")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comment_block_value", "comment_block", ["target", "value", "until"])


def downgrade() -> None:
    op.drop_table("comment_block")
    for name in ("tell_replies", "tell_published"):
        op.drop_column("comment", name)
    op.drop_table("reader")
    op.drop_table("outbox_item")
