"""Every table of the store, imported once: `metadata` is complete for whoever creates or compares it."""

from crm.agents import models as agents
from crm.attachments import models as attachments
from crm.audit import models as audit
from crm.complaints import models as complaints
from crm.conversations import models as conversations
from crm.customers import models as customers
from crm.database import Base
from crm.effects import models as effects
from crm.escalations import models as escalations
from crm.gateways import models as gateways
from crm.gift_cards import models as gift_cards
from crm.identity import models as identity
from crm.invoices import models as invoices
from crm.operations import models as operations
from crm.orders import models as orders
from crm.outbox import models as outbox
from crm.payments import models as payments
from crm.products import models as products
from crm.questions import models as questions
from crm.refunds import models as refunds
from crm.returns import models as returns

metadata = Base.metadata

__all__ = [
    "agents",
    "attachments",
    "audit",
    "complaints",
    "conversations",
    "customers",
    "effects",
    "escalations",
    "gateways",
    "gift_cards",
    "identity",
    "invoices",
    "metadata",
    "operations",
    "orders",
    "outbox",
    "payments",
    "products",
    "questions",
    "refunds",
    "returns",
]
