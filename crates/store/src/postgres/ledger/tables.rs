//! What a log consists of. Every key begins with the log's id.

use deadpool_postgres::Object;
use uuid::Uuid;

use crate::{StoreError, postgres::schema::run, sqlite::FORMAT};

/// A row's names are the keys under which the map lists it and its leaf's two tags: hashes, which no name, however long or
/// odd, makes unfit for an index.
const TABLES: [(&str, &str); 7] = [
    ("vouchsafe_logs", "id uuid PRIMARY KEY, key text, format int4 NOT NULL"),
    (
        "vouchsafe_rows",
        "log uuid NOT NULL, row_seq int8 NOT NULL, id uuid NOT NULL, row_hash bytea NOT NULL, row_key bytea NOT NULL,
         padding bool NOT NULL, canonical text NOT NULL, PRIMARY KEY (log, row_seq), UNIQUE (log, id)",
    ),
    (
        "vouchsafe_names",
        "log uuid NOT NULL, name bytea NOT NULL, row_seq int8 NOT NULL, PRIMARY KEY (log, name, row_seq)",
    ),
    (
        "vouchsafe_leaves",
        "log uuid NOT NULL, leaf_index int8 NOT NULL, leaf bytea NOT NULL, PRIMARY KEY (log, leaf_index)",
    ),
    (
        "vouchsafe_tiles",
        "log uuid NOT NULL, level int4 NOT NULL, n int8 NOT NULL, hashes bytea NOT NULL, PRIMARY KEY (log, level, n)",
    ),
    ("vouchsafe_map_pages", "log uuid NOT NULL, page int8 NOT NULL, nodes bytea NOT NULL, PRIMARY KEY (log, page)"),
    (
        "vouchsafe_commits",
        "log uuid NOT NULL, size int8 NOT NULL, first_index int8 NOT NULL, first_row_seq int8 NOT NULL,
         rows int8 NOT NULL, root bytea NOT NULL, note text NOT NULL, PRIMARY KEY (log, size),
         UNIQUE (log, first_row_seq, size)",
    ),
];

/// Makes the tables and the log where they are missing, and refuses a log of another format.
pub(super) async fn ensure(client: &Object, log: Uuid) -> Result<(), StoreError> {
    let known = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()::text";
    let known: Vec<String> =
        client.query(known, &[]).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for (table, columns) in TABLES {
        if !known.iter().any(|known| known == table) {
            run(client, &format!("CREATE TABLE IF NOT EXISTS {table} ({columns})")).await?;
        }
    }
    let format = i32::try_from(FORMAT).expect("formats are small numbers");
    let insert = "INSERT INTO vouchsafe_logs (id, format) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    client.execute(insert, &[&log, &format]).await?;
    let found: i32 = client.query_one("SELECT format FROM vouchsafe_logs WHERE id = $1", &[&log]).await?.try_get(0)?;
    if found == format { Ok(()) } else { Err(StoreError::Version { found: found.to_string(), known: FORMAT }) }
}

/// The log's key, which is `new` from now on where the log has neither key nor commit.
pub(super) async fn key(client: &Object, log: Uuid, new: &str) -> Result<Option<String>, StoreError> {
    let update = "UPDATE vouchsafe_logs SET key = $2 WHERE id = $1 AND key IS NULL
                  AND NOT EXISTS (SELECT 1 FROM vouchsafe_commits WHERE log = $1)";
    client.execute(update, &[&log, &new]).await?;
    Ok(client.query_one("SELECT key FROM vouchsafe_logs WHERE id = $1", &[&log]).await?.try_get(0)?)
}
