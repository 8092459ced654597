"""Reading many lines at once: the same events as line by line, as columns, wherever lines are alike."""
