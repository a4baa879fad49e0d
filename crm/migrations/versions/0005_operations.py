"""Operations on orders with their money: books, gift cards, payment methods, undoing, photos."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0005_operations"
down_revision = "0004_product_facts"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("state IN ('announced', 'received')")
METHODS = ("visa", "mastercard", "amex", "paypal", "gift_card")
OPERATIONS = (
    "cancel",
    "change_address",
    "change_items",
    "change_payment",
    "return",
    "exchange",
    "refund",
    "receive",
    "withdraw_request",
    "change_default_address",
    "change_phone",
    "change_email",
    "change_name",
    "change_consent",
)
TIME = sa.DateTime(timezone=True)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _amount(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    _gift_cards()
    _payment_methods()
    _operations()
    _attachments()
    _invoices()
    _people_by_postcode()
    _consent()
    _books()
    _open_the_books()


def _gift_cards() -> None:
    op.create_table(
        "gift_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_gift_cards_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_gift_cards_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_cards")),
        sa.UniqueConstraint("number", name=op.f("uq_gift_cards_number")),
    )
    op.create_index(op.f("ix_gift_cards_customer_id"), "gift_cards", ["customer_id"])
    op.create_table(
        "gift_card_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gift_card_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _choice("giftcardentrykind", "issued", "spent", "refunded", "reversed"),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["gift_card_id"],
            ["gift_cards.id"],
            name=op.f("fk_gift_card_entries_gift_card_id_gift_cards"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_gift_card_entries_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_entries")),
        sa.UniqueConstraint("reference", name=op.f("uq_gift_card_entries_reference")),
    )
    op.create_index(op.f("ix_gift_card_entries_gift_card_id"), "gift_card_entries", ["gift_card_id"])
    op.create_index(op.f("ix_gift_card_entries_order_id"), "gift_card_entries", ["order_id"])


def _payment_methods() -> None:
    op.create_table(
        "customer_payment_methods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("method", _choice("paymentmethod", *METHODS), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("gift_card_id", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("removed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_payment_methods_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gift_card_id"],
            ["gift_cards.id"],
            name=op.f("fk_customer_payment_methods_gift_card_id_gift_cards"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_payment_methods")),
        sa.UniqueConstraint(
            "customer_id", "token", name=op.f("uq_customer_payment_methods_customer_id_token")
        ),
    )
    for column in ("customer_id", "gift_card_id"):
        op.create_index(op.f(f"ix_customer_payment_methods_{column}"), "customer_payment_methods", [column])


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("kind", _choice("operationkind", *OPERATIONS), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("override", sa.String(length=500), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("inverse", sa.JSON(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("done_at", TIME, nullable=False),
        sa.Column("undo_until", TIME, nullable=True),
        sa.Column("undone_at", TIME, nullable=True),
        sa.Column("undone_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "(order_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_operations_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_operations_order_id_orders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_operations_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        sa.UniqueConstraint("reference", name=op.f("uq_operations_reference")),
    )
    for column in ("order_id", "customer_id", "conversation_id"):
        op.create_index(op.f(f"ix_operations_{column}"), "operations", [column])


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size_positive")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_attachments_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaints.id"],
            name=op.f("fk_attachments_complaint_id_complaints"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    for column in ("conversation_id", "complaint_id"):
        op.create_index(op.f(f"ix_attachments_{column}"), "attachments", [column])


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(length=24), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq_invoices_year_serial")),
    )
    op.create_index(op.f("ix_invoices_order_id"), "invoices", ["order_id"])


def _people_by_postcode() -> None:
    op.create_index(op.f("ix_addresses_postcode"), "addresses", ["postcode"])


def _consent() -> None:
    with op.batch_alter_table("customers") as customers:
        customers.add_column(sa.Column("consent_changed_at", TIME, nullable=True))
        customers.add_column(
            sa.Column("consent_source", _choice("consentsource", "shop", "chat", "desk"), nullable=True)
        )


def _books() -> None:
    with op.batch_alter_table("orders") as orders:
        for name in ("shipping_credited", "owed_by_customer", "owed_to_customer"):
            orders.add_column(_amount(name))
        orders.add_column(sa.Column("items_changed_at", TIME, nullable=True))
        orders.create_check_constraint(
            op.f("ck_orders_credited_within_shipping"),
            "shipping_credited >= 0 AND shipping_credited <= shipping_price",
        )
        orders.create_check_constraint(
            op.f("ck_orders_owed_not_negative"), "owed_by_customer >= 0 AND owed_to_customer >= 0"
        )
    with op.batch_alter_table("order_lines") as lines:
        for name in ("discount", "gone", "credited"):
            lines.add_column(_amount(name))
        lines.add_column(sa.Column("exchange_of_id", sa.Integer(), nullable=True))
        lines.create_foreign_key(
            op.f("fk_order_lines_exchange_of_id_order_lines"), "order_lines", ["exchange_of_id"], ["id"]
        )
        lines.create_check_constraint(
            op.f("ck_order_lines_gone_within_quantity"), "gone >= 0 AND gone <= quantity"
        )
        lines.create_check_constraint(
            op.f("ck_order_lines_discount_within_total"),
            "discount >= 0 AND discount <= quantity * unit_price",
        )
        lines.create_check_constraint(
            op.f("ck_order_lines_credited_within_total"),
            "credited >= 0 AND credited <= quantity * unit_price",
        )
    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("customer_method_id", sa.Integer(), nullable=True))
        payments.add_column(sa.Column("reference", sa.String(length=80), nullable=True))
        payments.add_column(sa.Column("asked_at", TIME, nullable=True))
        payments.add_column(sa.Column("failure", sa.String(length=500), nullable=True))
        payments.create_foreign_key(
            op.f("fk_payments_customer_method_id_customer_payment_methods"),
            "customer_payment_methods",
            ["customer_method_id"],
            ["id"],
        )
        payments.create_index(op.f("ix_payments_customer_method_id"), ["customer_method_id"])
    with op.batch_alter_table("refunds") as refunds:
        refunds.add_column(sa.Column("gift_card_id", sa.Integer(), nullable=True))
        refunds.add_column(sa.Column("asked_at", TIME, nullable=True))
        refunds.add_column(sa.Column("failure", sa.String(length=500), nullable=True))
        refunds.create_foreign_key(
            op.f("fk_refunds_gift_card_id_gift_cards"), "gift_cards", ["gift_card_id"], ["id"]
        )
        refunds.create_index(op.f("ix_refunds_gift_card_id"), ["gift_card_id"])
    with op.batch_alter_table("returns") as returns:
        returns.add_column(_amount("difference"))
        returns.add_column(sa.Column("tracking_code", sa.String(length=64), nullable=True))
        returns.add_column(sa.Column("method_id", sa.Integer(), nullable=True))
        returns.create_foreign_key(
            op.f("fk_returns_method_id_customer_payment_methods"),
            "customer_payment_methods",
            ["method_id"],
            ["id"],
        )
        returns.create_index(
            "uq_returns_under_way",
            ["order_id"],
            unique=True,
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        )
    with op.batch_alter_table("return_lines") as lines:
        lines.add_column(sa.Column("wanted_variant_id", sa.Integer(), nullable=True))
        lines.add_column(sa.Column("wanted_price", sa.Integer(), nullable=True))
        lines.create_foreign_key(
            op.f("fk_return_lines_wanted_variant_id_variants"), "variants", ["wanted_variant_id"], ["id"]
        )
    _carriers("Royal Mail", "DPD", "other")
    _request_states("open", "approved", "declined", "paid", "withdrawn")


def _request_states(*names: str) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    for table in ("refund_requests", "refund_request_lines"):
        with op.batch_alter_table(table) as rows:
            rows.drop_constraint(op.f(f"ck_{table}_requeststate"), type_="check")
            rows.create_check_constraint(op.f(f"ck_{table}_requeststate"), f"state IN ({listed})")


def _carriers(*names: str) -> None:
    with op.batch_alter_table("shipments") as shipments:
        shipments.drop_constraint(op.f("ck_shipments_carrier"), type_="check")
        listed = ", ".join(f"'{name}'" for name in names)
        shipments.create_check_constraint(op.f("ck_shipments_carrier"), f"carrier IN ({listed})")


def _open_the_books() -> None:
    """Discounts go onto the lines, what is gone or paid back is taken off, and the rest is owed."""
    _spread_discounts()
    op.execute(
        """
        UPDATE order_lines SET gone = quantity, credited = quantity * unit_price - discount
        WHERE order_id IN (SELECT id FROM orders WHERE status IN ('cancelled', 'returned'))
        """
    )
    op.execute("UPDATE orders SET shipping_credited = shipping_price WHERE status = 'cancelled'")
    op.execute(
        """
        UPDATE order_lines SET
            gone = (SELECT SUM(paid.quantity) FROM refund_request_lines AS paid
                    WHERE paid.order_line_id = order_lines.id AND paid.state = 'paid'),
            credited = (SELECT SUM(paid.amount) FROM refund_request_lines AS paid
                        WHERE paid.order_line_id = order_lines.id AND paid.state = 'paid')
        WHERE gone = 0 AND id IN (SELECT order_line_id FROM refund_request_lines WHERE state = 'paid')
        """
    )
    balance = """
        (SELECT COALESCE(SUM(captured - refunded), 0) FROM payments WHERE payments.order_id = orders.id)
        - (SELECT COALESCE(SUM(quantity * unit_price - discount - credited), 0)
           FROM order_lines WHERE order_lines.order_id = orders.id)
        - shipping_price + shipping_credited
    """
    op.execute(f"UPDATE orders SET owed_to_customer = {balance} WHERE {balance} > 0")  # noqa: S608
    op.execute(f"UPDATE orders SET owed_by_customer = -({balance}) WHERE {balance} < 0")  # noqa: S608


def _spread_discounts() -> None:
    """To the penny, as for new orders: each line takes the difference of two rounded running shares."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT orders.id, orders.discount, order_lines.id, order_lines.quantity * order_lines.unit_price"
            " FROM orders JOIN order_lines ON order_lines.order_id = orders.id"
            " WHERE orders.discount > 0 ORDER BY orders.id, order_lines.id"
        )
    ).all()
    shares = []
    for _, lines in groupby(rows, key=lambda row: row[0]):
        of_order = list(lines)
        goods = sum(total for *_, total in of_order)
        taken = min(of_order[0][1], goods)
        running = given = 0
        for _, _, line_id, total in of_order:
            running += total
            due = taken * running // goods if goods else 0
            shares.append({"line": line_id, "share": due - given})
            given = due
    if shares:
        connection.execute(sa.text("UPDATE order_lines SET discount = :share WHERE id = :line"), shares)


def downgrade() -> None:
    op.execute("UPDATE shipments SET carrier = 'DPD' WHERE carrier = 'other'")
    _carriers("Royal Mail", "DPD")
    for table in ("refund_requests", "refund_request_lines"):
        op.execute(f"UPDATE {table} SET state = 'declined' WHERE state = 'withdrawn'")  # noqa: S608
    _request_states("open", "approved", "declined", "paid")
    with op.batch_alter_table("return_lines") as lines:
        lines.drop_constraint(op.f("fk_return_lines_wanted_variant_id_variants"), type_="foreignkey")
        lines.drop_column("wanted_price")
        lines.drop_column("wanted_variant_id")
    with op.batch_alter_table("returns") as returns:
        returns.drop_index("uq_returns_under_way")
        returns.drop_constraint(op.f("fk_returns_method_id_customer_payment_methods"), type_="foreignkey")
        returns.drop_column("tracking_code")
        returns.drop_column("method_id")
        returns.drop_column("difference")
    with op.batch_alter_table("refunds") as refunds:
        refunds.drop_index(op.f("ix_refunds_gift_card_id"))
        refunds.drop_constraint(op.f("fk_refunds_gift_card_id_gift_cards"), type_="foreignkey")
        refunds.drop_column("failure")
        refunds.drop_column("asked_at")
        refunds.drop_column("gift_card_id")
    with op.batch_alter_table("payments") as payments:
        payments.drop_index(op.f("ix_payments_customer_method_id"))
        payments.drop_constraint(
            op.f("fk_payments_customer_method_id_customer_payment_methods"), type_="foreignkey"
        )
        for name in ("failure", "asked_at", "reference", "customer_method_id"):
            payments.drop_column(name)
    with op.batch_alter_table("order_lines") as lines:
        for name in ("gone_within_quantity", "discount_within_total", "credited_within_total"):
            lines.drop_constraint(op.f(f"ck_order_lines_{name}"), type_="check")
        lines.drop_constraint(op.f("fk_order_lines_exchange_of_id_order_lines"), type_="foreignkey")
        for name in ("exchange_of_id", "credited", "gone", "discount"):
            lines.drop_column(name)
    with op.batch_alter_table("orders") as orders:
        for name in ("credited_within_shipping", "owed_not_negative"):
            orders.drop_constraint(op.f(f"ck_orders_{name}"), type_="check")
        for name in ("items_changed_at", "owed_to_customer", "owed_by_customer", "shipping_credited"):
            orders.drop_column(name)
    with op.batch_alter_table("customers") as customers:
        customers.drop_constraint(op.f("ck_customers_consentsource"), type_="check")
        customers.drop_column("consent_source")
        customers.drop_column("consent_changed_at")
    op.drop_index(op.f("ix_addresses_postcode"), "addresses")
    for table in (
        "invoices",
        "attachments",
        "operations",
        "customer_payment_methods",
        "gift_card_entries",
        "gift_cards",
    ):
        op.drop_table(table)
