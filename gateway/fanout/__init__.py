"""How gateways that share a store tell each other that something is new."""
