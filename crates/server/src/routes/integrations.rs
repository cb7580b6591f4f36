//! Keys for those who check what agents hand over.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    body::Sent,
    ids::Ids,
    refusal::{Answer, Refusal},
    state::{Collection, Document, Integration},
};

/// What is used of an integration as clients send it.
#[derive(Deserialize)]
pub struct Wanted {
    name: String,
    #[serde(default)]
    collections: Vec<Uuid>,
    #[serde(default = "yes")]
    is_enabled: bool,
}

fn yes() -> bool {
    true
}

/// The integration of this name over these collections, with the key that it had before. `is_enabled: false` revokes that
/// key for good; whoever asks for an enabled one afterwards gets another.
pub async fn ensure(State(app): State<Arc<App>>, Ids([org]): Ids<1>, Sent(sent): Sent<Wanted>) -> Answer<Json<Value>> {
    if sent.name.len() > 1_024 || sent.collections.len() > 100 {
        return Err(Refusal::bad_request("the name is longer than 1024 bytes, or over more than 100 collections"));
    }
    let mut tables = Vec::with_capacity(sent.collections.len());
    for collection in &sent.collections {
        let known: Option<Collection> = app.catalog.get(*collection).await?;
        let known = known.filter(|known| known.org == org).ok_or_else(|| Refusal::not_found("collection"))?;
        tables.push(known.table);
    }
    let mut integration = Integration { org, name: sent.name, collections: sent.collections, tables, revoked: 0 };
    let id = integration.id();
    if let Some(known) = app.catalog.get::<Integration>(id).await? {
        integration = known;
    } else if sent.is_enabled {
        app.catalog.put(&integration).await?;
    }
    if !sent.is_enabled {
        // Nobody has the next key until somebody asks for it.
        app.catalog.put(&Integration { revoked: integration.revoked.saturating_add(1), ..integration }).await?;
        return Ok(Json(json!({ "id": id, "is_enabled": false })));
    }
    Ok(Json(json!({ "id": id, "api_key": app.keys.of(&integration) })))
}
