"""What the shop allows, from one file it edits."""

from crm.policy.model import Policy, PolicyUnreadable
from crm.policy.reading import policy, read_policy, use_policy

__all__ = ["Policy", "PolicyUnreadable", "policy", "read_policy", "use_policy"]
