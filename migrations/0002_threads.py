"""Comments as threads: a place in the thread, what is shown, and a tally for each article.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STEP = 10


def upgrade() -> None:
    op.create_table(
        "comment_tally",
        sa.Column("article_id", sa.String(length=100), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_comment_tally")),
    )
    # Columns with a default need no copy of the table, which on SQLite would lose its checks and its numbering.
    op.add_column("comment", sa.Column("path", sa.String(length=100), nullable=False, server_default=sa.text("''")))
    op.add_column("comment", sa.Column("thread_rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("comment", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill()
    op.drop_index("ix_comment_article", table_name="comment")
    op.create_index("ix_comment_oldest", "comment", ["article_id", "shown", "path"])
    op.create_index("ix_comment_newest", "comment", ["article_id", "shown", "thread_rank", "path"])


def _fill() -> None:
    """Until now every comment stood on its article: none had a parent."""
    comment = sa.table(
        "comment", sa.column("id"), sa.column("path"), sa.column("thread_rank"), sa.column("shown"), sa.column("status")
    )
    for number, status in op.get_bind().execute(sa.select(comment.c.id, comment.c.status)).all():
        values = {"path": f"{number:0{STEP}d}", "thread_rank": -number, "shown": status == "approved"}
        op.execute(sa.update(comment).where(comment.c.id == number).values(values))
    op.execute(
        "INSERT INTO comment_tally (article_id, approved, shown) "
        "SELECT article_id, count(*), count(*) FROM comment WHERE status = 'approved' GROUP BY article_id"
    )


def downgrade() -> None:
    op.drop_index("ix_comment_newest", table_name="comment")
    op.drop_index("ix_comment_oldest", table_name="comment")
    for column in ("shown", "thread_rank", "path"):
        op.drop_column("comment", column)
    op.create_index("ix_comment_article", "comment", ["article_id", "status", "submitted_at", "id"])
    op.drop_table("comment_tally")
