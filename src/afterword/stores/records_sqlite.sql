-- Version 1 of the records: judgements as they stand, and the journal of how they came to stand so.
CREATE TABLE record (
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    body    TEXT    NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE journal (
    seq       INTEGER PRIMARY KEY,
    at        TEXT    NOT NULL,
    actor     TEXT    NOT NULL,
    face      TEXT    NOT NULL,
    operation TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT    NOT NULL CHECK (json_valid(body)),
    hash      TEXT    NOT NULL
);

CREATE INDEX journal_of_record ON journal (kind, id, seq);
