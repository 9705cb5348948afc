"""Indexes for the filters of the moderation queue and for an author's record.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_comment_queue_article", "comment", ["status", "article_id", "id"])
    op.create_index("ix_comment_queue_age", "comment", ["status", "submitted_at", "id"])
    op.create_index("ix_comment_record", "comment", ["email_key", "status"])


def downgrade() -> None:
    op.drop_index("ix_comment_record", table_name="comment")
    op.drop_index("ix_comment_queue_age", table_name="comment")
    op.drop_index("ix_comment_queue_article", table_name="comment")
