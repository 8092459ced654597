"""The benchmark of causes: sets of cases with known answers, strict ranks, and what each kind of evidence is worth."""
