"""The store's schema, step by step; `crm.migrate` walks it."""
