"""Secrets and people in text: where they stand, and the placeholders that are put in their place."""
