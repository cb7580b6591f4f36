//! Committing a table.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::HeaderMap, response::Response};
use serde_json::{Value, json};

use crate::{
    app::App,
    ids::Ids,
    limits::Place,
    refusal::{Answer, Refusal},
    wait,
};

pub async fn start(State(app): State<Arc<App>>, Ids([org, _middleware, table]): Ids<3>) -> Answer<Json<Value>> {
    let table = app.registered(org, table).await?;
    Ok(Json(json!({ "id": app.runs.start(&table).await? })))
}

pub async fn status(
    State(app): State<Arc<App>>,
    Extension(place): Extension<Place>,
    Ids([org, _middleware, table]): Ids<3>,
    headers: HeaderMap,
) -> Answer<Response> {
    let table = app.registered(org, table).await?;
    let wait = wait::preferred(&headers);
    let run = app.runs.newest(&table, wait.unwrap_or_default(), &place).await?;
    let run = run.ok_or_else(|| Refusal::not_found("a preprocess of this table within the last 7 days"))?;
    let mut shown = json!({ "id": run.id, "status": run.status });
    if let Some(error) = run.error {
        shown["error"] = error.into();
    }
    if let (Some(checkpoint), Some(rows)) = (run.checkpoint, run.rows) {
        shown["checkpoint"] = checkpoint.into();
        shown["rows"] = rows.to_string().into();
    }
    Ok(wait::applied(wait, Json(shown)))
}
