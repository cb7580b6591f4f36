//! A table's log as such.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Query, State, rejection::QueryRejection},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use vouchsafe_backend::At;
use vouchsafe_ledger::Checkpoint;

use crate::{
    app::App,
    auth::Caller,
    ids::Ids,
    refusal::{Answer, Refusal},
};

/// The newest signed state.
pub async fn checkpoint(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([org, _middleware, table]): Ids<3>,
) -> Answer<Json<Value>> {
    let table = app.readable(&caller, org, table).await?;
    let (at, vkey) = app.tables.with(&table, async |log| Ok((log.newest().await?, log.vkey()))).await?;
    Ok(Json(json!({ "checkpoint": at.note, "rows": at.rows.to_string(), "vkey": vkey })))
}

/// Two sizes of the log.
#[derive(Deserialize)]
pub struct Sizes {
    from: u64,
    to: u64,
}

/// The proof that the log of one size is a prefix of the log of another, which is the newest or an older one.
pub async fn consistency(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([org, _middleware, table]): Ids<3>,
    sizes: Result<Query<Sizes>, QueryRejection>,
) -> Answer<Json<Value>> {
    let Query(Sizes { from, to }) = sizes.map_err(|_| Refusal::bad_request("say ?from=<size>&to=<size>"))?;
    let table = app.readable(&caller, org, table).await?;
    let newest = app.tables.with(&table, async |log| Ok(log.newest().await?.checkpoint.clone())).await?;
    if from == 0 || from > to || to > newest.size {
        return Err(Refusal::bad_request(format!("the sizes must be 1 ≤ from ≤ to ≤ {}", newest.size)));
    }
    // An older size was signed under a root that whoever asks has; here only the newest is at hand.
    let root = (to == newest.size).then(|| STANDARD.encode(newest.root));
    let at = At::new(Checkpoint { size: to, ..newest }, String::new(), 0);
    let proof = app.tables.with(&table, async |log| log.consistency(from, &at).await).await?;
    let proof: Vec<_> = proof.iter().map(|hash| STANDARD.encode(hash)).collect();
    Ok(Json(json!({ "size": to.to_string(), "root": root, "proof": proof })))
}
