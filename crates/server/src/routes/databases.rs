//! Registering a database, and what is in it.
//!
//! Some clients look databases up by name alone, though many servers have one of the same name. So a name that means
//! several is not listed: the client then registers the one it means, which is the same one as before, and what was
//! registered last comes first where tables are looked up by their database's name. Others compare the `uri` as well.

use std::{cmp::Reverse, sync::Arc};

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    body::Sent,
    destination,
    ids::Ids,
    refusal::{Answer, Refusal},
    state::{Credentials, Organization, Table},
};

/// A registration as clients send it.
#[derive(Deserialize)]
pub struct Registration {
    name: String,
    username: String,
    #[serde(default)]
    password: String,
    provider: String,
    uri: String,
}

pub async fn create(
    State(app): State<Arc<App>>,
    Ids([org, _middleware]): Ids<2>,
    Sent(sent): Sent<Registration>,
) -> Answer<Json<Value>> {
    if !["postgresql", "postgres"].contains(&sent.provider.as_str()) {
        return Err(Refusal::bad_request("the provider must be postgresql"));
    }
    let database = destination::parse(org, &sent.uri, &sent.name)
        .ok_or_else(|| Refusal::bad_request("the uri must be host or host:port, and the name a database's"))?;
    let credentials = Credentials { username: sent.username, password: sent.password };
    app.tables.register(&database, &credentials).await?;
    let table = Table { database, registered_us: (app.clock)() };
    app.catalog.put(&Organization { id: org }).await?;
    app.catalog.put(&table).await?;
    let database = &table.database;
    app.log
        .with(|| tracing::info!(%org, host = database.host, port = database.port, name = database.name, "registered"));
    Ok(Json(json!({ "id": database.id(), "name": database.name })))
}

pub async fn list(State(app): State<Arc<App>>, Ids([org, _middleware]): Ids<2>) -> Answer<Json<Value>> {
    let tables = of(&app, org).await?;
    let unambiguous = tables.iter().filter(|table| tables.iter().filter(|other| same_name(table, other)).count() == 1);
    let listed = unambiguous
        .map(|Table { database, .. }| json!({ "id": database.id(), "name": database.name, "uri": database.uri() }));
    Ok(Json(listed.collect()))
}

pub async fn data(State(app): State<Arc<App>>, Ids([org]): Ids<1>) -> Answer<Json<Value>> {
    let databases: Vec<_> = of(&app, org).await?.iter().map(shown).collect();
    Ok(Json(json!({ "middlewares": [{ "id": Organization::middleware_id(org), "databases": databases }] })))
}

fn shown(table: &Table) -> Value {
    let database = &table.database;
    let tables = json!([{ "id": database.table_id(), "name": Table::NAME }]);
    let schemas = json!([{ "id": database.schema_id(), "name": Table::SCHEMA, "tables": tables }]);
    json!({ "id": database.id(), "name": database.name, "schemas": schemas })
}

pub async fn columns(
    State(app): State<Arc<App>>,
    Ids([org, _middleware, database, schema, table]): Ids<5>,
) -> Answer<Json<Value>> {
    let table = app.registered(org, table).await?;
    if (database, schema) != (table.database.id(), table.database.schema_id()) {
        return Err(Refusal::not_found("table"));
    }
    let opened = app.tables.open(&table).await?;
    let shown = |name: &String| json!({ "id": table.database.column_id(name), "name": name });
    Ok(Json(opened.columns.iter().map(shown).collect()))
}

/// An organization's tables, the one registered last first.
pub async fn of(app: &App, org: Uuid) -> Answer<Vec<Table>> {
    let mut tables: Vec<Table> = app.catalog.list().await?;
    tables.retain(|table| table.database.org == org);
    tables.sort_by_key(|table| Reverse(table.registered_us));
    Ok(tables)
}

fn same_name(one: &Table, other: &Table) -> bool {
    one.database.name == other.database.name
}
