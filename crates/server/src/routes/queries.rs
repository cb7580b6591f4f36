//! Query records, their verification and their proofs.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use vouchsafe_backend::sql;
use vouchsafe_backend::{Fault, TableAnswer};

use crate::{
    app::App,
    auth::Caller,
    body::Sent,
    clock::dated_id,
    ids::{Ids, other_collections, serves},
    refusal::{Answer, Refusal},
    state::{Collection, Queried},
    table::record,
    wait,
};

/// The most rows in an answer.
const MAX_ROWS: u32 = 256;

/// What is used of a query as clients send it.
#[derive(Deserialize)]
pub struct Asked {
    query: String,
    collection_id: Uuid,
}

pub async fn create(
    State(app): State<Arc<App>>,
    Ids([org, _middleware]): Ids<2>,
    Sent(asked): Sent<Asked>,
) -> Answer<Json<Value>> {
    sql::parse(&asked.query).map_err(Refusal::bad_request)?;
    let collection: Option<Collection> = app.catalog.get(asked.collection_id).await?;
    let collection = collection.filter(|of| of.org == org).ok_or_else(|| Refusal::not_found("collection"))?;
    let queried = Queried { id: dated_id(app.clock), org, table: collection.table, sql: asked.query, verify: false };
    app.catalog.put(&queried).await?;
    app.metrics.queries.inc();
    Ok(Json(json!({ "query_id": queried.id })))
}

/// A record is complete as soon as it is there: there is nothing to generate.
pub async fn generate_proof(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([org, query]): Ids<2>,
) -> Answer<Json<Value>> {
    let queried = find(&app, &caller, query, Some(org)).await?;
    Ok(Json(json!({ "id": queried.id })))
}

pub async fn read(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([org, query]): Ids<2>,
    headers: HeaderMap,
) -> Answer<Response> {
    let queried = find(&app, &caller, query, Some(org)).await?;
    let begun = Instant::now();
    let answer = answer(&app, &queried).await?;
    // Whoever would wait for a change need not: a record never pends.
    Ok(wait::applied(wait::preferred(&headers), Json(record(&queried, &answer, begun.elapsed()))))
}

/// From now on the record says whether its rows are those that were committed, checked whenever it is read.
pub async fn verify(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([org, query]): Ids<2>,
) -> Answer<Json<Value>> {
    let mut queried = find(&app, &caller, query, Some(org)).await?;
    if !queried.verify {
        queried.verify = true;
        app.catalog.put(&queried).await?;
    }
    Ok(Json(json!({ "id": queried.id })))
}

/// The whole bundle. Where a row was edited it fails wherever it is checked; where a row is gone there is none.
pub async fn download(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Ids([query]): Ids<1>,
) -> Answer<Response> {
    let queried = find(&app, &caller, query, None).await?;
    let answer = answer(&app, &queried).await?;
    if answer.rows.iter().any(|row| matches!(row.fault, Some(Fault::Gone))) {
        return Err(Refusal::conflict("a row that was committed is gone, so that there is nothing to show"));
    }
    let bundle = serde_json::to_string(&answer.bundle).expect("a bundle's keys are texts");
    Ok(([(CONTENT_TYPE, "application/json")], bundle).into_response())
}

/// A query that this caller may read; of this organization where the path names one.
async fn find(app: &App, caller: &Caller, query: Uuid, org: Option<Uuid>) -> Answer<Queried> {
    let found: Option<Queried> = app.catalog.get(query).await?;
    let found = found.filter(|found| org.is_none_or(|org| org == found.org));
    let found = found.ok_or_else(|| Refusal::not_found("query"))?;
    serves(app, caller, found.org)?;
    caller.may_read(found.table).then_some(found).ok_or_else(other_collections)
}

async fn answer(app: &App, queried: &Queried) -> Answer<TableAnswer> {
    let table = app.registered(queried.org, queried.table).await?;
    let ask = sql::parse(&queried.sql).map_err(Refusal::bad_request)?;
    app.tables.answer(&table, &ask, MAX_ROWS).await
}
