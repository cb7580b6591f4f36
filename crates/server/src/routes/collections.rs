//! A project's name for a table.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::databases::of;
use crate::{
    app::App,
    body::Sent,
    ids::Ids,
    refusal::{Answer, Refusal},
    state::{Collection, Document},
};

/// The longest name, in bytes.
const MAX_NAME: usize = 1_024;

/// What is used of a collection as clients send it.
#[derive(Deserialize)]
pub struct Named {
    name: String,
    table_id: Uuid,
}

pub async fn create(State(app): State<Arc<App>>, Ids([org]): Ids<1>, Sent(sent): Sent<Named>) -> Answer<Json<Value>> {
    if sent.name.len() > MAX_NAME {
        return Err(Refusal::bad_request(format!("the name is longer than {MAX_NAME} bytes")));
    }
    let table = app.registered(org, sent.table_id).await?.database.table_id();
    let collection = Collection { org, name: sent.name, table };
    app.catalog.put(&collection).await?;
    Ok(Json(shown(&collection)))
}

/// Some clients look collections up by name alone, and a project has the same name for each of its agents: where the
/// organization has several tables, none is listed, so that a client makes the one it means, which is the same one as
/// before.
pub async fn list(State(app): State<Arc<App>>, Ids([org]): Ids<1>) -> Answer<Json<Value>> {
    let [table] = &of(&app, org).await?[..] else { return Ok(Json(json!([]))) };
    let table = table.database.table_id();
    let collections: Vec<Collection> = app.catalog.list().await?;
    let listed = collections.iter().filter(|collection| collection.org == org && collection.table == table);
    Ok(Json(listed.map(shown).collect()))
}

fn shown(collection: &Collection) -> Value {
    json!({ "id": collection.id(), "name": collection.name, "table_id": collection.table })
}
