//! Asking the server what it calls our things, and creating what is not there: middleware, database, table, collection,
//! integration.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Shared,
    call::Call,
    database::Database,
    ids::{Table, checked},
    reply::Reply,
    retry::is_passing,
};
use crate::BackendError;

/// The name of the table, and of the integration that may read it.
pub(super) const TABLE: &str = "intercepts";
const MIDDLEWARE: &str = "Provably Middleware";

impl Shared {
    /// The table that our rows are in.
    pub async fn table(&self, deadline: Instant) -> Result<Table, BackendError> {
        if let Some(table) = self.ids.known().table {
            return Ok(table);
        }
        let _asking = self.ids.turn(deadline).await?;
        if let Some(table) = self.ids.known().table {
            return Ok(table);
        }
        let table = self.find_table(deadline).await?;
        self.ids.learn(|known| known.table = Some(table.clone()));
        Ok(table)
    }

    /// The collection that stands for our project.
    pub async fn collection(&self, deadline: Instant) -> Result<String, BackendError> {
        if let Some(collection) = self.ids.known().collection {
            return Ok(collection);
        }
        // Agents of an organization often have one project and several tables. Whoever has no table goes by the name.
        let mut table = match &self.database {
            Some(_) => Some(self.table(deadline).await?),
            None => self.ids.known().table,
        };
        let _asking = self.ids.turn(deadline).await?;
        if let Some(collection) = self.ids.known().collection {
            return Ok(collection);
        }
        let known = table.clone();
        let ours = |entry: &Value| {
            let of = entry["table_id"].as_str();
            let same = known.as_ref().zip(of).is_none_or(|(table, of)| of.eq_ignore_ascii_case(&table.id));
            entry["name"] == self.project.as_str() && same
        };
        let path = format!("{}/collections", self.org);
        let found = self.list(&path, deadline).await?.iter().find(|entry| ours(entry)).map(id).transpose()?;
        let id = if let Some(id) = found {
            id
        } else {
            let table = match table.take() {
                Some(table) => table,
                None => self.find_table(deadline).await?,
            };
            let body = self.new_collection(&table, deadline).await?;
            self.create(&path, path.clone(), body, deadline, ours).await?
        };
        self.ids.learn(|known| known.collection = Some(id.clone()));
        Ok(id)
    }

    /// The key with which records of our project are verified.
    pub async fn integration(&self, deadline: Instant) -> Result<String, BackendError> {
        if let Some(key) = self.ids.known().integration {
            return Ok(key);
        }
        let collection = self.collection(deadline).await?;
        let _asking = self.ids.turn(deadline).await?;
        if let Some(key) = self.ids.known().integration {
            return Ok(key);
        }
        let body = json!({
            "name": TABLE, "description": TABLE, "is_enabled": true, "role": "developer", "type": "agent",
            "collections": [collection],
        });
        let call = Call::post(format!("{}/integrations/ensure", self.org), body, deadline);
        let ensured: Value = self.client.send(call).await?.json()?;
        let key = ensured["api_key"].as_str().ok_or_else(|| BackendError::Protocol("no api_key".into()))?.to_owned();
        self.ids.learn(|known| known.integration = Some(key.clone()));
        Ok(key)
    }

    async fn find_table(&self, deadline: Instant) -> Result<Table, BackendError> {
        let database = match &self.database {
            Some(database) => database.clone(),
            None => self.sandbox(deadline).await?,
        };
        let middlewares = format!("{}/middlewares", self.org);
        let named = |entry: &Value| entry["name"] == MIDDLEWARE;
        let create = format!("{middlewares}/provably");
        let middleware = self.find_or_create(&middlewares, create, json!({}), deadline, named).await?;
        let databases = format!("{middlewares}/{middleware}/databases");
        let registration = database.registration();
        let registered = if self.client.is_ours() {
            // Registering again finds the same database, and brings it the password that it has now.
            id(&self.client.send(Call::post(databases, registration, deadline)).await?.json()?)?
        } else {
            let ours = |entry: &Value| database.is(entry);
            self.find_or_create(&databases, databases.clone(), registration, deadline, ours).await?
        };
        let data: Value = self.client.send(Call::get(format!("{}/data", self.org), deadline)).await?.json()?;
        let middlewares = entries(&data["middlewares"]).filter(|entry| entry["id"] == middleware.as_str());
        let databases = middlewares.flat_map(|entry| entries(&entry["databases"]));
        let schemas =
            databases.filter(|entry| entry["id"] == registered.as_str()).flat_map(|of| entries(&of["schemas"]));
        let mut tables = schemas.flat_map(|schema| {
            let tables = entries(&schema["tables"]).filter(|table| table["name"] == TABLE);
            tables.map(move |table| (schema, table))
        });
        let none = || BackendError::Unavailable(format!("its database {} has no table {TABLE}", database.name));
        let (schema, table) = tables.next().ok_or_else(none)?;
        Ok(Table { middleware, database: registered, schema: id(schema)?, id: id(table)? })
    }

    /// The database that the server itself lends the organization.
    async fn sandbox(&self, deadline: Instant) -> Result<Database, BackendError> {
        let reply = self.client.send(Call::get("/api/v1/sandboxes".into(), deadline)).await?;
        if reply.status == 404 {
            return Err(BackendError::Unsupported("a database of its own: a Postgres URL is needed"));
        }
        let sandbox: Value = reply.json()?;
        Database::parse(sandbox["connection_uri"].as_str().unwrap_or_default())
    }

    async fn new_collection(&self, table: &Table, deadline: Instant) -> Result<Value, BackendError> {
        let Table { middleware, database, schema, id: table } = table;
        let path = format!(
            "{}/middlewares/{middleware}/databases/{database}/schemas/{schema}/tables/{table}/columns",
            self.org
        );
        let columns = self.list(&path, deadline).await?;
        let columns = columns.iter().map(|column| Ok(json!({ "id": id(column)? })));
        Ok(json!({
            "name": self.project, "publicity_status": "private", "middleware_id": middleware, "database_id": database,
            "is_descriptions_generated": false, "entities": [], "integrations": [], "query_price": 0,
            "is_general_sql_queries_enabled": true, "schema_id": schema, "table_id": table,
            "enabled_columns": columns.collect::<Result<Vec<_>, BackendError>>()?,
        }))
    }

    async fn find_or_create(
        &self,
        list: &str,
        create: String,
        body: Value,
        deadline: Instant,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<String, BackendError> {
        match self.list(list, deadline).await?.iter().find(|entry| wanted(entry)) {
            Some(found) => id(found),
            None => self.create(list, create, body, deadline, wanted).await,
        }
    }

    /// Creates what the list does not have. Where it is not known whether that was done, the list is asked again, so that
    /// nothing is created twice.
    async fn create(
        &self,
        list: &str,
        create: String,
        body: Value,
        deadline: Instant,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<String, BackendError> {
        for attempt in 0.. {
            let reply = self.client.send(Call::post(create.clone(), body.clone(), deadline).once()).await;
            let uncertain = |reply: &Reply| is_passing(reply.status) || reply.status == 409;
            let failed = match reply {
                Ok(reply) if uncertain(&reply) => reply.ok().map(drop).unwrap_err(),
                Err(error @ BackendError::Unavailable(_)) => error,
                reply => return id(&reply?.json()?),
            };
            if !self.client.back_off(attempt, deadline).await {
                return Err(failed);
            }
            if let Some(found) = self.list(list, deadline).await?.iter().find(|entry| wanted(entry)) {
                return id(found);
            }
        }
        unreachable!("only the deadline ends the loop")
    }

    async fn list(&self, path: &str, deadline: Instant) -> Result<Vec<Value>, BackendError> {
        let listed: Value = self.client.send(Call::get(path.to_owned(), deadline)).await?.json()?;
        Ok(entries(&listed).cloned().collect())
    }
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn id(entry: &Value) -> Result<String, BackendError> {
    checked(entry["id"].as_str())
}
