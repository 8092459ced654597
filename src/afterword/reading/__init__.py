"""The reading room: how bytes are cut into lines, JSON values and table rows, each with its place. Sources stand on it."""
