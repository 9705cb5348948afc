"""The spam filter reads texts otherwise, so what it learned by the old reading goes; `flask spam relearn` learns it anew.

Revision ID: 0022
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is left would be mixed with what is learned now, and taking a decision back would subtract what was never added.
    for table in ("spam_bucket", "spam_total", "spam_threshold"):
        op.execute(f"DELETE FROM {table}")  # names of our own tables  # nosec
    op.execute("UPDATE comment SET learned_as_spam = NULL WHERE learned_as_spam IS NOT NULL")


def downgrade() -> None:
    upgrade()
