"""Drawings: words in, SVG text out. One renderer for the page, the file and the document."""
