"""Since when retention does not believe the clock.

Revision ID: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("retention_run", sa.Column("doubted_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("retention_run", "doubted_since")
