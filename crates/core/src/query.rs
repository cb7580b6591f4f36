//! Queries: which rows a claim asks for.

use crate::hash::Hash;
use crate::row::Row;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// The signature of a query, one shape for each selector of a claim; a `run` of `None` is rows without a run.
///
/// In JSON `{"row": id}`, `{"call": ref}`, `{"toolCall": id}`, `{"action", "agent", "run"}` or `{"agent", "run"}`, with
/// exactly these keys, and `run` null or a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Query {
    /// The row with this id, whatever its kind.
    Row {
        /// The row's id, a UUID.
        row: String,
    },
    /// All rows of a call.
    Call {
        /// The call's reference, a UUID.
        call: String,
    },
    /// All rows of a model's tool call.
    ToolCall {
        /// The tool call's id, as the model made it.
        tool_call: String,
    },
    /// What an agent did in a run under one name.
    Action {
        /// The action's name.
        action: String,
        /// The agent's name.
        agent: String,
        /// The run.
        run: Option<String>,
    },
    /// Whatever an agent did in a run.
    Agent {
        /// The agent's name.
        agent: String,
        /// The run.
        run: Option<String>,
    },
}

impl Query {
    /// The RFC 8785 encoding of the query.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a query has only string keys")
    }

    /// The query's id under a root of the log: `UUIDv5` (URL namespace) of the canonical query, "\n" and the base64 root.
    #[must_use]
    pub fn id(&self, root: &Hash) -> String {
        let name = format!("{}\n{}", self.canonical(), STANDARD.encode(root));
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
    }

    /// Whether the row answers this query; only a query by row id reaches the kinds that are not indexed.
    #[must_use]
    pub fn selects(&self, row: &Row) -> bool {
        let same_run =
            |run: &Option<String>| run.as_deref().unwrap_or_default() == row.run_id.as_deref().unwrap_or_default();
        let selected = match self {
            Self::Row { row: id } => return row.id == *id,
            Self::Call { call } => row.call_ref.as_ref() == Some(call),
            Self::ToolCall { tool_call } => row.tool_call_id.as_ref() == Some(tool_call),
            Self::Action { action, agent, run } => {
                row.action_name == *action && row.agent_id == *agent && same_run(run)
            }
            Self::Agent { agent, run } => row.agent_id == *agent && same_run(run),
        };
        selected && row.kind.is_indexed()
    }

    /// The JSON object's entries, in the order of their keys.
    fn entries(&self) -> Vec<(&'static str, Option<&str>)> {
        match self {
            Self::Row { row } => vec![("row", Some(row))],
            Self::Call { call } => vec![("call", Some(call))],
            Self::ToolCall { tool_call } => vec![("toolCall", Some(tool_call))],
            Self::Action { action, agent, run } => {
                vec![("action", Some(action)), ("agent", Some(agent)), ("run", run.as_deref())]
            }
            Self::Agent { agent, run } => vec![("agent", Some(agent)), ("run", run.as_deref())],
        }
    }

    fn from_entries(entries: &[(&str, Option<&str>)]) -> Option<Self> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Some(match entries {
            [("row", Some(row))] => Self::Row { row: (*row).into() },
            [("call", Some(call))] => Self::Call { call: (*call).into() },
            [("toolCall", Some(tool_call))] => Self::ToolCall { tool_call: (*tool_call).into() },
            [("action", Some(action)), ("agent", Some(agent)), ("run", run)] => {
                Self::Action { action: (*action).into(), agent: (*agent).into(), run: own(*run) }
            }
            [("agent", Some(agent)), ("run", run)] => Self::Agent { agent: (*agent).into(), run: own(*run) },
            _ => return None,
        })
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Query;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a query: {row}, {call}, {toolCall}, {action, agent, run} or {agent, run}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Query, A::Error> {
        let mut entries = BTreeMap::<String, Option<String>>::new();
        while let Some((key, value)) = map.next_entry()? {
            if let Some(twice) = entries.insert(key, value) {
                return Err(A::Error::custom(format_args!("a query with a key twice, once as {twice:?}")));
            }
        }
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        Query::from_entries(&entries).ok_or_else(|| A::Error::custom("no query has these keys and values"))
    }
}
