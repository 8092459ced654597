"""Layouts of case sets: one file each, found by their typed constant ``LAYOUT``."""
