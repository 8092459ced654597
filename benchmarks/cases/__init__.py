"""Loaders: one file a case set. Each hides the answer and says what is given and what is told."""
