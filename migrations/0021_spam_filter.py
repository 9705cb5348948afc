"""What the spam filter has learned, and how it does.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LEARNED = sa.text("learned_as_spam IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "spam_bucket",
        sa.Column("bucket", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_spam_bucket"),
    )
    op.create_table(
        "spam_total",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_spam_total"),
    )
    op.create_table(
        "spam_threshold",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("log_odds", sa.Double, nullable=False),
        sa.Column("slope", sa.Double, nullable=False),
        sa.Column("offset", sa.Double, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spam_threshold"),
        sa.CheckConstraint("id = 1", name="ck_spam_threshold_single_row"),
    )
    op.create_table(
        "spam_sketch",
        sa.Column("mark", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.Integer, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", "comment_id", name="pk_spam_sketch"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_spam_sketch_comment_id_comment", ondelete="CASCADE"),
    )
    op.create_index("ix_spam_sketch_comment_id", "spam_sketch", ["comment_id"])
    op.create_index("ix_spam_sketch_made_at", "spam_sketch", ["made_at"])
    op.create_table(
        "spam_week",
        sa.Column("monday", sa.Date, nullable=False),
        sa.Column("came", sa.Integer, nullable=False),
        sa.Column("caught", sa.Integer, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("flagged", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("monday", name="pk_spam_week"),
    )
    op.add_column("comment", sa.Column("learned_as_spam", sa.Boolean, nullable=True))
    op.create_index("ix_comment_learned", "comment", ["status_since"], sqlite_where=LEARNED, postgresql_where=LEARNED)


def downgrade() -> None:
    op.drop_index("ix_comment_learned", "comment")
    op.drop_column("comment", "learned_as_spam")
    for table in ("spam_week", "spam_sketch", "spam_threshold", "spam_total", "spam_bucket"):
        op.drop_table(table)
