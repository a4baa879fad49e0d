"""How far customers have read, the gateways that live, and which of them runs a turn."""

import sqlalchemy as sa
from alembic import op

revision = "0007_delivery"
down_revision = "0006_knowledge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("customer_saw", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("turns") as table:
        table.add_column(sa.Column("gateway_id", sa.String(length=32), nullable=True))
    op.create_table(
        "gateways",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("agents", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateways")),
    )


def downgrade() -> None:
    op.drop_table("gateways")
    with op.batch_alter_table("turns") as table:
        table.drop_column("gateway_id")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("customer_saw")
