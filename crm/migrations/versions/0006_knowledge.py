"""What customers asked the articles, what they were told, and corrections of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006_knowledge"
down_revision = "0005_operations"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _asked_questions()
    _corrections()


def downgrade() -> None:
    for table in ("sent_corrections", "corrections", "asked_questions"):
        op.drop_table(table)


def _asked_questions() -> None:
    op.create_table(
        "asked_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("outcome", _choice("outcome", "answered", "possible", "unanswered"), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=True),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("judged_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_asked_questions_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_questions")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_asked_questions_turn_id")),
    )
    for columns in (["asked_at"], ["conversation_id"], ["outcome", "asked_at"], ["slug", "asked_at"]):
        op.create_index(f"ix_asked_questions_{'_'.join(columns)}", "asked_questions", columns)


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_slug", "corrections", ["slug"])
    op.create_table(
        "sent_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", _choice("channel", "chat", "mail"), nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_sent_corrections_correction_id_corrections")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_sent_corrections_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_corrections")),
        sa.UniqueConstraint(
            "correction_id", "conversation_id", name=op.f("uq_sent_corrections_correction_id_conversation_id")
        ),
    )
    op.create_index("ix_sent_corrections_conversation_id", "sent_corrections", ["conversation_id"])
