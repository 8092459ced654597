"""Shapes: the log formats that the field knows by name, one pattern each, and what their groups mean."""
