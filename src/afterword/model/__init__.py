"""The words: frozen dataclasses and enums, standard library only, no I/O and no clock."""
