"""What can be said about a product besides its description."""

import sqlalchemy as sa
from alembic import op

revision = "0004_product_facts"
down_revision = "0003_complaints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was in the catalogue before has no facts yet, which is what an empty object says.
    op.add_column("products", sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("products", "facts")
