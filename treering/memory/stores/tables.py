"""The tables of the SQL store, in types that SQLite and PostgreSQL share."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from treering.memory.stores.columns import Moment
from treering.schemas.value import MAX_IDENTIFIER_CHARS

STORE_FORMAT = 7
"""Number of this layout of tables; a store with a higher one was made by a newer Treering."""

NOT_READ = "?"
"""Stands for the target of what was held before targets were noted: the sealed verdict tells it."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=_NAMES)
"""Every table of the store; constraint names are fixed, so that migrations can name them."""


def _scope() -> Column[int]:
    return Column("scope_id", ForeignKey("scopes.id"), primary_key=True, autoincrement=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0)


store_state = Table(
    "store_state",
    metadata,
    Column("format", Integer, primary_key=True, autoincrement=False),
    _count("erasures"),
    _count("scrubbed"),
    Column("sealed_as", String(32), nullable=False, default=""),
)
"""One row: the layout; how often words were erased; up to which erasure the unused bytes are known to be clean; and the
name under which a keyring holds the keys of this store, empty as long as nothing was ever sealed."""

scopes = Table(
    "scopes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("user", String(MAX_IDENTIFIER_CHARS), nullable=False),
    UniqueConstraint("tenant", "user"),
)
"""Whose memory is here; all other tables refer to people by this id."""

heads = Table(
    "heads",
    metadata,
    _scope(),
    _count("version"),
    _count("seq"),
    Column("digest", String(64), nullable=False, default=""),
    _count("heard_seq"),
    _count("fence"),
    _count("erasures"),
    _count("key_version"),
    Column("trunk_name", String(MAX_IDENTIFIER_CHARS)),
    Column("trunk_version", Integer),
    _count("consolidated_version"),
)
"""Where each ledger stands; one row a scope. `erasures` tells caches that words went without a new version;
`key_version` names the key that words are sealed with (0: they are plain); the trunk is that of the latest batch."""

index_marks = Table(
    "index_marks",
    metadata,
    _scope(),
    Column("fingerprint", Text, primary_key=True),
    _count("version"),
    _count("seq"),
)
"""How far each embedder's vectors have got, in the ledger and in the turns; none: they have not begun."""

subjects = Table(
    "subjects",
    metadata,
    _scope(),
    Column("alias", String(128), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    Column("name", Text, nullable=False),
)
"""The names of the subjects that are not the user. Everywhere else stands the alias, a salted commitment to the name,
so that a name can go while the ledger and its digests stay."""

sessions = Table(
    "sessions",
    metadata,
    _scope(),
    Column("session", String(MAX_IDENTIFIER_CHARS), primary_key=True),
    Column("first_seq", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("next_index", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Index("ix_sessions_open", "ended", "last_at"),
)
"""Conversations, kept up to date with their turns."""

turns = Table(
    "turns",
    metadata,
    _scope(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("message_id", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("session", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("index", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("speaker", Text),
    Column("metadata", Text, nullable=False),
    UniqueConstraint("scope_id", "message_id"),
    Index("ix_turns_session", "scope_id", "session", "seq"),
)
"""What was said. An erased or retracted turn has no content and keeps its place."""

turn_versions = Table(
    "turn_versions",
    metadata,
    _scope(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer),
    Column("content", Text, nullable=False),
    Column("speaker", Text),
    Column("metadata", Text, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    Index("ix_turn_versions_version", "scope_id", "version"),
)
"""What turns said before they were retracted or amended, numbered from 1 a turn. `version` is the ledger version that
did it, so that undoing that version can exchange the two; none where the ledger had nothing to change."""

batches = Table(
    "batches",
    metadata,
    _scope(),
    Column("batch_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("model", Text),
    Column("prompt_version", Text),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", Double),
    Column("recorded_at", Moment, nullable=False),
    Column("reverts", Integer),
    Column("trunk_name", String(MAX_IDENTIFIER_CHARS)),
    Column("trunk_version", Integer),
    UniqueConstraint("scope_id", "version"),
    Index("ix_batches_recorded_at", "scope_id", "recorded_at", "version"),
)
"""How each version of a scope came about; `reverts` is the version that it takes back."""

operations = Table(
    "operations",
    metadata,
    _scope(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", Text),
    Column("path", Text),
    Column("claim_id", String(24)),
    Column("claim_recorded_at", Moment),
    Column("body", Text, nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_operations_version", "scope_id", "version", "seq"),
    Index("ix_operations_claim", "scope_id", "claim_id"),
)
"""The ledger, without words: append only, never updated."""

operation_words = Table(
    "operation_words",
    metadata,
    _scope(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(16), nullable=False),
    Column("words", Text, nullable=False),
)
"""The words of the ledger. A row that is gone was erased; digests hold without it."""

snapshots = Table(
    "snapshots",
    metadata,
    _scope(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("claims", Text, nullable=False),
)
"""Which claims were live at a version, as the entries that brought them: reading the past need not fold all of it.
There are no words in it."""

trunks = Table(
    "trunks",
    metadata,
    Column("name", String(MAX_IDENTIFIER_CHARS), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("trunk", Text, nullable=False),
)
"""Every trunk that a ledger of this store has stood on, so that its past can be read after a migration."""

claims = Table(
    "claims",
    metadata,
    _scope(),
    Column("subject", Text, primary_key=True),
    Column("claim_id", String(24), primary_key=True),
    Column("path", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("claim", Text, nullable=False),
)
"""The live claims of the head: what the ledger folds to, ready to be read."""

passages = Table(
    "passages",
    metadata,
    _scope(),
    Column("passage_id", Text, primary_key=True),
    Column("passage", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Index("ix_passages_level", "scope_id", "level"),
)
"""Pieces of retrievable text: from episodes, level 0, to the root, level 3."""

passage_messages = Table(
    "passage_messages",
    metadata,
    _scope(),
    Column("passage_id", Text, primary_key=True),
    Column("message_id", String(MAX_IDENTIFIER_CHARS), primary_key=True),
    Index("ix_passage_messages_message", "scope_id", "message_id"),
)
"""Which turns a passage is made of."""

passage_parts = Table(
    "passage_parts",
    metadata,
    _scope(),
    Column("passage_id", Text, primary_key=True),
    Column("part_id", Text, primary_key=True),
    Index("ix_passage_parts_part", "scope_id", "part_id"),
)
"""Which passages one level below a passage is made of; what loses a part goes with it."""

mentions = Table(
    "mentions",
    metadata,
    _scope(),
    Column("message_id", String(MAX_IDENTIFIER_CHARS), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("entities", LargeBinary, nullable=False),
    Index("ix_mentions_seq", "scope_id", "seq"),
)
"""What a turn mentions: hashed entities and counts, from which the entity-passage graph is built. A row is never
updated, only replaced."""

mention_heads = Table(
    "mention_heads",
    metadata,
    _scope(),
    _count("version"),
    _count("rewritten_at"),
)
"""Where each scope's mentions stand: `version` counts changes, `rewritten_at` is the last that did more than add turns
after all others."""

held = Table(
    "held",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("held_id", String(24), nullable=False),
    Column("window_id", Text, nullable=False),
    Column("verdict", Text),
    Column("recorded_at", Moment, nullable=False),
    Column("target", String(24)),
    UniqueConstraint("scope_id", "held_id"),
    Index("ix_held_target", "scope_id", "target"),
)
"""Verdicts that wait for a person. One that was decided keeps its id alone, so that it is not asked again. `target` is
the claim that a waiting request to forget is about, `NOT_READ` of what waits since an older format, and else none."""

replies = Table(
    "replies",
    metadata,
    _scope(),
    Column("window_id", String(64), primary_key=True),
    Column("listener", Text, primary_key=True),
    Column("last_seq", Integer),
    Column("reply", Text, nullable=False),
)
"""What models answered, word for word, by window."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run_after", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False),
    Column("error", Text),
    Column("raw_reply", Text),
    Column("tenant", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("trace", String(64)),
    Index("ix_jobs_due", "state", "rank"),
    Index("ix_jobs_age", "state", "id"),
    Index("ix_jobs_scope", "scope_id", "state"),
    Index("ix_jobs_tenant", "tenant", "state", "priority", "rank"),
)
"""Slow work, under leases."""

model_gates = Table(
    "model_gates",
    metadata,
    Column("name", String(MAX_IDENTIFIER_CHARS), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("level", Double, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("shut_until", Moment),
)
"""How much was asked of models lately, and whether one is not asked at all: shared by all who use the store."""

tombstones = Table(
    "tombstones",
    metadata,
    _scope(),
    Column("mark", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)
"""Keyed hashes of what was forgotten, so that it is not taken in again; the words cannot be read from them."""

tombstone_keys = Table(
    "tombstone_keys",
    metadata,
    _scope(),
    Column("key", LargeBinary, nullable=False),
)
"""The key of each scope's tombstones; it outlives the key that seals the words."""

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("receipt", Text, nullable=False),
    Index("ix_receipts_scope", "scope_id", "id"),
)
"""What was erased on request, without words: the proof that can be asked for later."""
