"""How far customers have read."""

import sqlalchemy as sa
from alembic import op

revision = "0007_delivery"
down_revision = "0006_knowledge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("customer_saw", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_column("customer_saw")
