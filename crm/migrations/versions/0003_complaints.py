"""What customers report: damaged, missing, wrong, late."""

import sqlalchemy as sa
from alembic import op

revision = "0003_complaints"
down_revision = "0002_returns_and_refund_requests"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=24), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", _choice("complaintkind", "damaged", "missing", "wrong_item", "late"), nullable=False
        ),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column(
            "wish",
            _choice("wish", "replacement", "refund", "repair", "wait", "advice"),
            nullable=False,
        ),
        sa.Column("state", _choice("complaintstate", "open", "settled"), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_complaints_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_complaints_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("reference", name=op.f("uq_complaints_reference")),
    )
    op.create_index(op.f("ix_complaints_conversation_id"), "complaints", ["conversation_id"])
    op.create_index(op.f("ix_complaints_order_id_state"), "complaints", ["order_id", "state"])


def downgrade() -> None:
    op.drop_index(op.f("ix_complaints_order_id_state"), table_name="complaints")
    op.drop_index(op.f("ix_complaints_conversation_id"), table_name="complaints")
    op.drop_table("complaints")
