//! Finding out whose a presented key is: one of the operator's, known by their hashes, or an integration's.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use subtle::ConstantTimeEq;

use super::{Caller, Entry, IntegrationKeys, Only, Scope, hash};
use crate::{
    refusal::{Answer, Refusal},
    state::{Catalog, Document, Integration},
};

/// All keys.
pub struct Keys {
    entries: Vec<Entry>,
    integrations: IntegrationKeys,
    catalog: Catalog,
}

impl Keys {
    pub fn new(entries: Vec<Entry>, integrations: IntegrationKeys, catalog: Catalog) -> Self {
        Self { entries, integrations, catalog }
    }

    /// An integration's key.
    pub fn of(&self, integration: &Integration) -> String {
        self.integrations.of(integration.id(), integration.revoked)
    }

    /// Who sent these headers: `Authorization: Bearer <key>`, or else `x-api-key: <key>`.
    pub async fn caller(&self, headers: &HeaderMap) -> Answer<Caller> {
        let key = presented(headers).ok_or_else(|| denied("a key is needed: Authorization: Bearer, or x-api-key"))?;
        let hash = hash(key);
        // All are compared, so that the time says nothing of which one it is.
        let own = self
            .entries
            .iter()
            .rfold(None, |found, entry| if entry.hash.ct_eq(&hash).into() { Some(entry) } else { found });
        if let Some(entry) = own {
            return Ok(Caller { name: entry.name.clone(), scope: entry.scope, only: None });
        }
        // Only a key that was given out costs a look at what is remembered.
        if let Some((id, revoked)) = self.integrations.read(key)
            && let Some(found) = self.catalog.get::<Integration>(id).await?.filter(|found| found.revoked == revoked)
        {
            let only = Some(Only { org: found.org, tables: found.tables.into() });
            return Ok(Caller { name: format!("integration {id}").into(), scope: Scope::Read, only });
        }
        Err(denied("the key is not known"))
    }
}

fn presented(headers: &HeaderMap) -> Option<&str> {
    if let Some(bearer) = headers.get(AUTHORIZATION) {
        let (scheme, token) = bearer.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim());
    }
    headers.get("x-api-key")?.to_str().ok()
}

fn denied(description: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, description)
}
