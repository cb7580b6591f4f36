//! The UUIDs in a path.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use uuid::Uuid;

use crate::{
    app::App,
    auth::Caller,
    refusal::{Answer, Refusal},
    state::Organization,
};

/// The UUIDs in a path, in order. Whoever gets them may see the organization among them, and its middleware is its own.
pub struct Ids<const N: usize>(pub [Uuid; N]);

impl<const N: usize> FromRequestParts<Arc<App>> for Ids<N> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Answer<Self> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Refusal::not_found("page"))?;
        let caller = parts.extensions.get::<Caller>().ok_or_else(|| Refusal::forbidden("a key is needed"))?;
        let mut ids = Vec::with_capacity(N);
        for (name, value) in &params {
            let id = Uuid::try_parse(value).map_err(|_| Refusal::not_found(name))?;
            match name {
                "org" => serves(app, caller, id)?,
                "middleware" if id != Organization::middleware_id(ids[0]) => return Err(Refusal::not_found(name)),
                _ => {}
            }
            ids.push(id);
        }
        Ok(Self(ids.try_into().expect("as many as the route's pattern has")))
    }
}

/// Whether this server serves the organization to this caller.
pub fn serves(app: &App, caller: &Caller, org: Uuid) -> Answer<()> {
    if !caller.may_see(org) {
        return Err(Refusal::forbidden("the key is another organization's"));
    }
    if app.orgs.as_ref().is_some_and(|orgs| !orgs.contains(&org)) {
        return Err(Refusal::not_found("organization"));
    }
    Ok(())
}

/// What is said to a caller whose key is not for the table.
pub fn other_collections() -> Refusal {
    Refusal::forbidden("the key is for other collections")
}
