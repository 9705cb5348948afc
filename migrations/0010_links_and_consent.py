"""A counter that ends a person's mail links, and the version of the notice a comment was sent under.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("link_epoch", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("comment", sa.Column("consent_version", sa.String(20), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    op.drop_column("comment", "consent_version")
    op.drop_column("staff", "link_epoch")
