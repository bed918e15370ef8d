-- What the migrations make; written by desktop_app.storage.migrations.record, never by hand.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE conversations (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        change_order INTEGER NOT NULL,
        active_leaf_id INTEGER,
        memory_start_id INTEGER,
        draft TEXT NOT NULL,
        preview TEXT NOT NULL,
        settings TEXT NOT NULL,
        trashed_at INTEGER
    , pinned_at INTEGER, archived_at INTEGER, folder TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT 'chat');
CREATE INDEX conversations_by_change ON conversations (trashed_at, change_order DESC);
CREATE TABLE messages (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL,
        parent_id INTEGER,
        sibling_order INTEGER NOT NULL,
        role TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        stop_reason TEXT,
        error TEXT NOT NULL,
        model_fingerprint TEXT,
        model_name TEXT,
        prompt_tokens INTEGER,
        cached_tokens INTEGER,
        restored_tokens INTEGER,
        generated_tokens INTEGER,
        read_s FLOAT,
        first_token_s FLOAT,
        write_s FLOAT,
        tokens_per_s FLOAT,
        seed INTEGER,
        settings_used TEXT NOT NULL,
        text TEXT NOT NULL,
        token_ids BLOB, deleted_at INTEGER, pinned INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT '', alternatives BLOB,
        FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
        FOREIGN KEY(parent_id) REFERENCES messages (id) ON DELETE CASCADE
    );
CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id, sibling_order);
CREATE INDEX messages_by_parent_alone ON messages (parent_id);
CREATE TABLE notes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        folder TEXT NOT NULL,
        snippet TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        edited_at INTEGER NOT NULL,
        trashed_at INTEGER,
        source_path TEXT NOT NULL,
        source_file TEXT NOT NULL,
        source_hash TEXT NOT NULL,
        revision INTEGER NOT NULL,
        chunked_revision INTEGER,
        is_welcome INTEGER NOT NULL,
        front_matter TEXT NOT NULL,
        text TEXT NOT NULL
    , properties TEXT NOT NULL DEFAULT '', pinned INTEGER NOT NULL DEFAULT 0);
CREATE INDEX notes_unchunked ON notes (edited_at, id)
    WHERE trashed_at IS NULL AND (chunked_revision IS NULL OR chunked_revision != revision);
CREATE INDEX notes_by_folder ON notes (trashed_at, folder);
CREATE INDEX notes_by_source_file ON notes (source_file);
CREATE INDEX notes_by_source_path ON notes (source_path);
CREATE TABLE note_tags (
        note_id INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (note_id, tag),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    );
CREATE INDEX note_tags_by_tag ON note_tags (tag, note_id);
CREATE TABLE note_versions (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        note_id INTEGER NOT NULL,
        saved_at INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        size INTEGER NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL, front_matter TEXT,
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    );
CREATE INDEX note_versions_by_note ON note_versions (note_id, id);
CREATE TABLE chunks (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        note_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        hash TEXT NOT NULL,
        embedded_by TEXT,
        heading_path TEXT NOT NULL,
        embedded_text TEXT NOT NULL,
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    );
CREATE INDEX chunks_by_encoder ON chunks (embedded_by, note_id);
CREATE INDEX chunks_by_hash ON chunks (hash, note_id);
CREATE INDEX chunks_by_note ON chunks (note_id, ordinal);
CREATE TABLE vectors (
        id INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        chunk_hash TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT vectors_by_hash UNIQUE (fingerprint, chunk_hash)
    );
CREATE TABLE leases (
        name TEXT NOT NULL,
        owner TEXT NOT NULL,
        taken_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (name)
    );
CREATE TABLE ui_state (
        "key" TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY ("key")
    );
CREATE TABLE counters (
        name TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (name)
    );
CREATE VIEW whole_messages AS SELECT id, text FROM messages WHERE role <> 'assistant' OR stop_reason IS NOT NULL;
CREATE VIRTUAL TABLE messages_words USING fts5(
        text, content='whole_messages', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    );
CREATE TRIGGER messages_words_inserted AFTER INSERT ON messages
    WHEN new.role <> 'assistant' OR new.stop_reason IS NOT NULL BEGIN
        INSERT INTO messages_words(rowid, text) VALUES (new.id, new.text);
    END;
CREATE TRIGGER messages_words_leave BEFORE UPDATE OF id, text, role, stop_reason ON messages
    WHEN old.role <> 'assistant' OR old.stop_reason IS NOT NULL BEGIN
        INSERT INTO messages_words(messages_words, rowid, text) VALUES ('delete', old.id, old.text);
    END;
CREATE TRIGGER messages_words_return AFTER UPDATE OF id, text, role, stop_reason ON messages
    WHEN new.role <> 'assistant' OR new.stop_reason IS NOT NULL BEGIN
        INSERT INTO messages_words(rowid, text) VALUES (new.id, new.text);
    END;
CREATE TRIGGER messages_words_deleted BEFORE DELETE ON messages
    WHEN old.role <> 'assistant' OR old.stop_reason IS NOT NULL BEGIN
        INSERT INTO messages_words(messages_words, rowid, text) VALUES ('delete', old.id, old.text);
    END;
CREATE VIRTUAL TABLE notes_words USING fts5(
        title, text, tags, properties, content='live_notes', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2', prefix='3 4'
    );
CREATE VIRTUAL TABLE notes_vocabulary USING fts5vocab(notes_words, row);
CREATE TABLE attachments (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL,
        message_id INTEGER,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        note_id INTEGER,
        created_at INTEGER NOT NULL,
        text TEXT NOT NULL,
        FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    );
CREATE INDEX attachments_by_message ON attachments (message_id, ordinal);
CREATE INDEX attachments_by_conversation ON attachments (conversation_id, message_id);
CREATE TABLE presets (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        "values" TEXT NOT NULL
    );
CREATE INDEX notes_by_edit ON notes (trashed_at, pinned DESC, edited_at DESC, id DESC, created_at, folder, title, snippet, tags);
CREATE TABLE note_names (
        note_id INTEGER NOT NULL,
        "key" TEXT NOT NULL,
        name TEXT NOT NULL,
        is_title INTEGER NOT NULL,
        PRIMARY KEY (note_id, "key"),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    );
CREATE INDEX note_names_by_key ON note_names ("key", note_id);
CREATE TABLE note_links (
        note_id INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        target TEXT NOT NULL,
        heading TEXT NOT NULL,
        "key" TEXT NOT NULL,
        tail TEXT NOT NULL,
        excerpt TEXT NOT NULL,
        PRIMARY KEY (note_id, start),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    );
CREATE INDEX note_links_by_key ON note_links ("key", note_id);
CREATE INDEX note_links_by_tail ON note_links (tail, note_id);
CREATE TABLE note_files (
        hash TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        added_at INTEGER NOT NULL
    );
CREATE TABLE note_attachments (
        note_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        "key" TEXT NOT NULL,
        tail TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (note_id, kind, "key"),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE,
        FOREIGN KEY(hash) REFERENCES note_files (hash) ON DELETE CASCADE
    );
CREATE INDEX note_attachments_by_tail ON note_attachments (tail, note_id);
CREATE INDEX note_attachments_by_hash ON note_attachments (hash);
CREATE TABLE source_folders (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL,
        top TEXT NOT NULL,
        kind TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        CONSTRAINT source_folders_by_path UNIQUE (path)
    );
CREATE TABLE source_files (
        folder_id INTEGER NOT NULL,
        path TEXT NOT NULL,
        note_id INTEGER,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        title TEXT NOT NULL,
        tags TEXT NOT NULL,
        problem TEXT NOT NULL,
        is_conflict INTEGER NOT NULL, writing TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (folder_id, path),
        FOREIGN KEY(folder_id) REFERENCES source_folders (id) ON DELETE CASCADE
    );
CREATE INDEX source_files_by_note ON source_files (note_id);
CREATE TABLE long_notes (
        note_id INTEGER NOT NULL PRIMARY KEY,
        is_filled INTEGER NOT NULL
    );
CREATE TABLE note_tails (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        note_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        text TEXT NOT NULL
    );
CREATE INDEX note_tails_by_note ON note_tails (note_id, ordinal);
CREATE VIRTUAL TABLE tails_words USING fts5(text, content='note_tails', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE tails_vocabulary USING fts5vocab(tails_words, row);
CREATE TRIGGER tails_words_inserted AFTER INSERT ON note_tails BEGIN
        INSERT INTO tails_words(rowid, text) VALUES (new.id, new.text);
    END;
CREATE TRIGGER tails_words_deleted BEFORE DELETE ON note_tails BEGIN
        INSERT INTO tails_words(tails_words, rowid, text) VALUES ('delete', old.id, old.text);
    END;
CREATE VIEW live_notes AS SELECT id, title, CASE WHEN length(CAST(text AS BLOB)) > 524288 THEN CAST(substr(CAST(text AS BLOB), 1, 524288) AS TEXT) ELSE text END AS text, tags, properties
    FROM notes WHERE trashed_at IS NULL;
CREATE TRIGGER notes_words_inserted AFTER INSERT ON notes WHEN new.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(rowid, title, text, tags, properties)
        VALUES (new.id, new.title, CASE WHEN length(CAST(new.text AS BLOB)) > 524288 THEN CAST(substr(CAST(new.text AS BLOB), 1, 524288) AS TEXT) ELSE new.text END, new.tags, new.properties);
    END;
CREATE TRIGGER notes_words_leave BEFORE UPDATE OF id, title, text, tags, properties, trashed_at ON notes
    WHEN old.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
        VALUES ('delete', old.id, old.title, CASE WHEN length(CAST(old.text AS BLOB)) > 524288 THEN CAST(substr(CAST(old.text AS BLOB), 1, 524288) AS TEXT) ELSE old.text END, old.tags, old.properties);
    END;
CREATE TRIGGER notes_words_return AFTER UPDATE OF id, title, text, tags, properties, trashed_at ON notes
    WHEN new.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(rowid, title, text, tags, properties)
        VALUES (new.id, new.title, CASE WHEN length(CAST(new.text AS BLOB)) > 524288 THEN CAST(substr(CAST(new.text AS BLOB), 1, 524288) AS TEXT) ELSE new.text END, new.tags, new.properties);
    END;
CREATE TRIGGER notes_words_deleted BEFORE DELETE ON notes WHEN old.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
        VALUES ('delete', old.id, old.title, CASE WHEN length(CAST(old.text AS BLOB)) > 524288 THEN CAST(substr(CAST(old.text AS BLOB), 1, 524288) AS TEXT) ELSE old.text END, old.tags, old.properties);
    END;
CREATE TRIGGER long_notes_inserted AFTER INSERT ON notes WHEN length(CAST(new.text AS BLOB)) > 524288 BEGIN
        INSERT INTO long_notes(note_id, is_filled) VALUES (new.id, 0) ON CONFLICT DO UPDATE SET is_filled = 0;
    END;
CREATE TRIGGER long_notes_updated AFTER UPDATE OF text, trashed_at ON notes
    WHEN length(CAST(new.text AS BLOB)) > 524288 OR EXISTS (SELECT 1 FROM long_notes WHERE note_id = new.id) BEGIN
        INSERT INTO long_notes(note_id, is_filled) VALUES (new.id, 0) ON CONFLICT DO UPDATE SET is_filled = 0;
    END;
CREATE TRIGGER long_notes_deleted AFTER DELETE ON notes BEGIN
        UPDATE long_notes SET is_filled = 0 WHERE note_id = old.id;
    END;
CREATE TABLE message_index (
        message_id INTEGER NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        embedded_by TEXT,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    );
CREATE INDEX message_index_by_encoder ON message_index (embedded_by, message_id);
CREATE TABLE message_passages (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        message_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        hash TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        vector BLOB NOT NULL,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    );
CREATE INDEX message_passages_by_message ON message_passages (message_id, ordinal);
CREATE INDEX message_passages_by_hash ON message_passages (hash, fingerprint);
CREATE VIRTUAL TABLE messages_vocabulary USING fts5vocab(messages_words, row);
CREATE TRIGGER message_index_inserted AFTER INSERT ON messages BEGIN
        INSERT INTO message_index(message_id, revision, embedded_by) VALUES (new.id, 0, NULL);
    END;
CREATE TRIGGER message_index_updated AFTER UPDATE OF text, stop_reason ON messages
    WHEN (new.role <> 'assistant' OR new.stop_reason IS NOT NULL)
    AND (new.text IS NOT old.text OR new.stop_reason IS NOT old.stop_reason) BEGIN
        UPDATE message_index SET revision = revision + 1, embedded_by = NULL WHERE message_id = new.id;
    END;
CREATE TRIGGER message_index_renamed AFTER UPDATE OF title ON conversations WHEN new.title IS NOT old.title BEGIN
        UPDATE message_index SET revision = revision + 1, embedded_by = NULL WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = new.id);
    END;
CREATE TRIGGER message_passages_deleted AFTER DELETE ON message_passages BEGIN UPDATE counters SET value = value + 1 WHERE name = 'message_vectors'; END;
CREATE TRIGGER message_passages_trashed AFTER UPDATE OF trashed_at ON conversations
    WHEN (new.trashed_at IS NULL) <> (old.trashed_at IS NULL) BEGIN UPDATE counters SET value = value + 1 WHERE name = 'message_vectors'; END;
INSERT INTO alembic_version VALUES ('0010');
INSERT INTO counters VALUES ('vectors', 0);
INSERT INTO counters VALUES ('message_vectors', 0);
PRAGMA application_id=1231973239;
PRAGMA user_version=10;
