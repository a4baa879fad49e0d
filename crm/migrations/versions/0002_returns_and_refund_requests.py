"""Returns that customers announce, and requests for money back that wait for a colleague."""

import sqlalchemy as sa
from alembic import op

revision = "0002_returns_and_refund_requests"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refund_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "changed_mind",
                "damaged",
                "wrong_item",
                "missing",
                "not_arrived",
                name="refundreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state", _request_state(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_requests_amount_positive")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refund_requests_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_refund_requests_reference")),
    )
    op.create_index(op.f("ix_refund_requests_conversation_id"), "refund_requests", ["conversation_id"])
    op.create_index(op.f("ix_refund_requests_order_id"), "refund_requests", ["order_id"])
    op.create_index(op.f("ix_refund_requests_state"), "refund_requests", ["state"])

    op.create_table(
        "refund_request_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", _request_state(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_refund_request_lines_quantity_positive")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_request_lines_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["refund_requests.id"],
            name=op.f("fk_refund_request_lines_request_id_refund_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_refund_request_lines_order_line_id_order_lines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_request_lines")),
    )
    op.create_index(op.f("ix_refund_request_lines_request_id"), "refund_request_lines", ["request_id"])
    op.create_index(op.f("ix_refund_request_lines_order_line_id"), "refund_request_lines", ["order_line_id"])
    op.create_index(
        op.f("uq_refund_request_lines_waiting"),
        "refund_request_lines",
        ["order_line_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'approved')"),
        postgresql_where=sa.text("state IN ('open', 'approved')"),
    )

    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "refund",
                "exchange",
                name="returnkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "too_small",
                "too_big",
                "other_size",
                "changed_mind",
                "faulty",
                name="returnreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "announced",
                "received",
                "refunded",
                "exchanged",
                "withdrawn",
                name="returnstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "postage",
            sa.Enum(
                "free_label",
                "customer_pays",
                name="postage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("wanted_variant_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_returns_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_returns_order_id_orders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wanted_variant_id"], ["variants.id"], name=op.f("fk_returns_wanted_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("reference", name=op.f("uq_returns_reference")),
    )
    op.create_index(op.f("ix_returns_conversation_id"), "returns", ["conversation_id"])
    op.create_index(op.f("ix_returns_order_id"), "returns", ["order_id"])
    op.create_index(op.f("ix_returns_state"), "returns", ["state"])

    op.create_table(
        "return_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity_positive")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_return_lines_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id_returns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_return_lines_order_line_id_order_lines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
    )
    op.create_index(op.f("ix_return_lines_return_id"), "return_lines", ["return_id"])
    op.create_index(op.f("ix_return_lines_order_line_id"), "return_lines", ["order_line_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_return_lines_order_line_id"), table_name="return_lines")
    op.drop_index(op.f("ix_return_lines_return_id"), table_name="return_lines")
    op.drop_table("return_lines")

    op.drop_index(op.f("ix_returns_state"), table_name="returns")
    op.drop_index(op.f("ix_returns_order_id"), table_name="returns")
    op.drop_index(op.f("ix_returns_conversation_id"), table_name="returns")
    op.drop_table("returns")

    op.drop_index(op.f("uq_refund_request_lines_waiting"), table_name="refund_request_lines")
    op.drop_index(op.f("ix_refund_request_lines_order_line_id"), table_name="refund_request_lines")
    op.drop_index(op.f("ix_refund_request_lines_request_id"), table_name="refund_request_lines")
    op.drop_table("refund_request_lines")

    op.drop_index(op.f("ix_refund_requests_state"), table_name="refund_requests")
    op.drop_index(op.f("ix_refund_requests_order_id"), table_name="refund_requests")
    op.drop_index(op.f("ix_refund_requests_conversation_id"), table_name="refund_requests")
    op.drop_table("refund_requests")


def _request_state() -> sa.Enum:
    """A new object each time: a column's type names the CHECK of its own table."""
    return sa.Enum(
        "open",
        "approved",
        "declined",
        "paid",
        name="requeststate",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
