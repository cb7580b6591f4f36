//! Sending what a job has written: a few statements with arrays, on their way together.

use deadpool_postgres::Object;
use tokio_postgres::{error::SqlState, types::ToSql};
use uuid::Uuid;
use vouchsafe_core::tag::{map_keys, tag};

use super::{
    select::{Select, signed},
    write::Written,
};
use crate::StoreError;

/// So many rows go into one statement.
const GROUP: usize = 5_000;

pub(super) async fn flush(select: Select<'_>, written: &Written) -> Result<(), StoreError> {
    let rows = async {
        for group in written.rows.chunks(GROUP) {
            tokio::try_join!(rows(select, group), names(select, group))?;
        }
        Ok(())
    };
    let leaves = async {
        let all: Vec<(i64, &[u8])> =
            written.leaves.iter().map(|(index, leaf)| (signed(*index), leaf.as_slice())).collect();
        let insert = "INSERT INTO vouchsafe_leaves (log, leaf_index, leaf) SELECT $1::uuid, * FROM unnest($2::int8[], $3::bytea[])";
        for group in all.chunks(GROUP) {
            let (indices, leaves): (Vec<i64>, Vec<&[u8]>) = group.iter().copied().unzip();
            execute(select, insert, &[&select.log, &indices, &leaves]).await?;
        }
        Ok(())
    };
    tokio::try_join!(rows, leaves, tiles(select, written), pages(select, written), commit(select, written))?;
    Ok(())
}

type Row = (u64, vouchsafe_core::exchange::Prepared);

async fn rows(select: Select<'_>, group: &[Row]) -> Result<(), StoreError> {
    let insert = "INSERT INTO vouchsafe_rows (log, row_seq, id, row_hash, row_key, padding, canonical)
                  SELECT $1::uuid, * FROM unnest($2::int8[], $3::uuid[], $4::bytea[], $5::bytea[], $6::bool[], $7::text[])";
    let numbers: Vec<i64> = group.iter().map(|(row_seq, _)| signed(*row_seq)).collect();
    let ids: Vec<Uuid> = group.iter().filter_map(|(_, row)| Uuid::try_parse(&row.row.id).ok()).collect();
    let hashes: Vec<&[u8]> = group.iter().map(|(_, row)| row.row_hash.as_slice()).collect();
    let keys: Vec<&[u8]> = group.iter().map(|(_, row)| row.row_key.0.as_slice()).collect();
    let padding: Vec<bool> = group.iter().map(|(_, row)| row.is_padding()).collect();
    let canonical: Vec<String> = group.iter().map(|(_, row)| row.row.canonical()).collect();
    execute(select, insert, &[&select.log, &numbers, &ids, &hashes, &keys, &padding, &canonical]).await
}

async fn names(select: Select<'_>, group: &[Row]) -> Result<(), StoreError> {
    let insert =
        "INSERT INTO vouchsafe_names (log, name, row_seq) SELECT $1::uuid, * FROM unnest($2::bytea[], $3::int8[])";
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    for (row_seq, prepared) in group.iter().filter(|(_, prepared)| prepared.row.kind.is_indexed()) {
        let row = &prepared.row;
        let tags = [tag("agent", &[&row.agent_id]), tag("action", &[&row.action_name])];
        for name in map_keys(row).into_iter().chain(tags) {
            names.push(name.to_vec());
            numbers.push(signed(*row_seq));
        }
    }
    execute(select, insert, &[&select.log, &names, &numbers]).await
}

async fn tiles(select: Select<'_>, written: &Written) -> Result<(), StoreError> {
    let upsert = "INSERT INTO vouchsafe_tiles (log, level, n, hashes)
                  SELECT $1::uuid, * FROM unnest($2::int4[], $3::int8[], $4::bytea[])
                  ON CONFLICT (log, level, n) DO UPDATE SET hashes = excluded.hashes";
    let levels: Vec<i32> = written.tiles.keys().map(|(level, _)| i32::from(*level)).collect();
    let numbers: Vec<i64> = written.tiles.keys().map(|(_, n)| signed(*n)).collect();
    let hashes: Vec<&[u8]> = written.tiles.values().map(|hashes| &**hashes).collect();
    execute(select, upsert, &[&select.log, &levels, &numbers, &hashes]).await
}

async fn pages(select: Select<'_>, written: &Written) -> Result<(), StoreError> {
    let upsert =
        "INSERT INTO vouchsafe_map_pages (log, page, nodes) SELECT $1::uuid, * FROM unnest($2::int8[], $3::bytea[])
                  ON CONFLICT (log, page) DO UPDATE SET nodes = excluded.nodes";
    let all: Vec<(i64, &[u8])> = written.pages.iter().map(|(page, nodes)| (signed(*page), &**nodes)).collect();
    for group in all.chunks(GROUP) {
        let (numbers, nodes): (Vec<i64>, Vec<&[u8]>) = group.iter().copied().unzip();
        execute(select, upsert, &[&select.log, &numbers, &nodes]).await?;
    }
    Ok(())
}

async fn commit(select: Select<'_>, written: &Written) -> Result<(), StoreError> {
    let Some(commit) = &written.commit else { return Ok(()) };
    let insert = "INSERT INTO vouchsafe_commits (log, size, first_index, first_row_seq, rows, root, note)
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let numbers = [commit.size, commit.first_index, commit.first_row_seq, commit.rows].map(signed);
    let [size, first_index, first_row_seq, rows] = &numbers;
    let root = commit.root.as_slice();
    execute(select, insert, &[&select.log, size, first_index, first_row_seq, rows, &root, &commit.note]).await
}

async fn execute(select: Select<'_>, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<(), StoreError> {
    let execute = async |client: &Object| {
        let statement = client.prepare_cached(sql).await?;
        match client.execute(&statement, parameters).await {
            Ok(_) => Ok(()),
            // A leaf, commit or row that is there already, though what it follows says otherwise.
            Err(error) if error.code().is_some_and(|code| code.code().starts_with("23")) => {
                Err(StoreError::Corrupt("the log has already what is to be added to it".into()))
            }
            // Another statement on its way has failed, and what that says is the error.
            Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => std::future::pending().await,
            Err(error) => Err(error.into()),
        }
    };
    select.open.with(execute).await
}
