"""Alerts that lead to other alerts: a causal graph of kinds of alerts, learned from a history of them."""
