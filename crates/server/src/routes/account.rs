//! Sandboxes, organizations and the user.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    auth::Caller,
    refusal::{Answer, Refusal},
    state::Organization,
};

/// There are none: whoever has this server has a database of their own.
pub async fn sandbox() -> Refusal {
    Refusal::not_found("this server hosts no databases; sandbox")
}

/// The organizations that are served, or those that somebody used; before anybody did, one that may be used.
pub async fn organizations(State(app): State<Arc<App>>) -> Answer<Json<Value>> {
    let mut ids: Vec<Uuid> = match &app.orgs {
        Some(orgs) => orgs.iter().copied().collect(),
        None => app.catalog.list::<Organization>().await?.iter().map(|org| org.id).collect(),
    };
    if ids.is_empty() {
        ids.push(Organization::first());
    }
    Ok(Json(ids.iter().map(|id| json!({ "id": id, "name": id })).collect()))
}

/// Who the key belongs to.
pub async fn user(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "email": format!("{}@localhost", caller.name) }))
}
