//! One row: the leaf that it gives, the keys that it answers to, and its fields against its own commitments.

use vouchsafe_core::{
    commitment::{Field, commit},
    hash::Hash,
    row::Source,
    tag::map_keys,
};
use vouchsafe_ledger::RowLeaf;
use vouchsafe_store::sqlite::{ArchivedRow, StoredRow};

/// What an audit keeps of a row.
#[derive(Debug)]
pub(super) struct AuditedRow {
    /// The row's id.
    pub id: String,
    /// What its columns give, or what makes them no row.
    pub content: Result<Content, String>,
}

/// What a row's columns give.
#[derive(Debug)]
pub(super) struct Content {
    /// The leaf.
    pub leaf: [u8; RowLeaf::LENGTH],
    /// The keys of the map that list it.
    pub keys: Vec<Hash>,
    /// Whether the hash that is stored beside the columns is theirs.
    pub hash_stands: bool,
    /// Fields that are not what the row commits to.
    pub wrong_fields: Vec<&'static str>,
}

/// Reads a row as the one with the number `row_seq`; `time_us` is its leaf's, for rows that do not say it themselves.
pub(super) fn audited(row: ArchivedRow, row_seq: u64, time_us: Option<u64>) -> AuditedRow {
    let content = row.stored.map(|stored| {
        // Where we read somebody else's table, the leaf has the commit's time.
        let own_time = stored.row.ended_us;
        let time_us = if stored.row.source == Source::Postgres { time_us.unwrap_or(own_time) } else { own_time };
        let leaf = RowLeaf::of(&stored.row, row_seq, time_us);
        Content {
            leaf: leaf.encode(),
            keys: map_keys(&stored.row),
            hash_stands: leaf.row_hash == stored.row_hash,
            wrong_fields: wrong_fields(&stored),
        }
    });
    AuditedRow { id: row.id, content }
}

/// The fields that are not those committed to. Retention takes bodies and headers together with the key, so one that is
/// gone is not wrong, and one without a key was put there. It leaves the URL, which then cannot be checked.
fn wrong_fields(stored: &StoredRow) -> Vec<&'static str> {
    let (row, fields) = (&stored.row, &stored.fields);
    let is_wrong = |field: Field, bytes: Option<&Vec<u8>>, commitment: Option<Hash>| {
        let Some(bytes) = bytes else { return field == Field::Url && commitment.is_some() };
        match (&stored.row_key, commitment) {
            (_, None) => true,
            (Some(key), Some(commitment)) => commit(&key.field_key(field), bytes) != commitment,
            (None, Some(_)) => field != Field::Url,
        }
    };
    [
        (Field::Url, fields.url.as_ref(), row.c_url),
        (Field::RequestHeaders, fields.request_headers.as_ref(), row.c_request_headers),
        (Field::ResponseHeaders, fields.response_headers.as_ref(), row.c_response_headers),
        (Field::Request, fields.request.as_ref(), row.c_request),
        (Field::Response, fields.response.as_ref(), row.c_response),
    ]
    .into_iter()
    .filter(|(field, bytes, commitment)| is_wrong(*field, *bytes, *commitment))
    .map(|(field, ..)| field.name())
    .collect()
}
