"""What several connectors share when they ask: addresses, times, pages, answers, signatures. Nothing here talks to anybody."""
