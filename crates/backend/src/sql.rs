//! Queries as SQL text: the few forms that clients send, read with a real parser so that nothing else slips through.
//!
//! What is read here never reaches a database: it only names rows, which are then looked up by their ids.

use sqlparser::{
    ast::{BinaryOperator, Expr, Ident, SetExpr, Statement, TableFactor, Value},
    dialect::PostgreSqlDialect,
    parser::Parser,
    tokenizer::{Token, Tokenizer, Whitespace},
};
use uuid::Uuid;
use vouchsafe_core::query::Query;

use crate::Ask;

/// The longest text that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The longest allowed form has 25 tokens; more are not parsed, which also bounds how deep anything can be nested.
const MAX_TOKENS: usize = 32;
/// The names that clients know the table by.
const TABLES: [&str; 2] = ["intercepts", "provably_intercepts"];

const FORMS: &str = "the query must be SELECT * FROM intercepts WHERE … with one equality on id, call_ref, tool_call_id, \
                     action_name or agent_id, or with equalities on run_id, agent_id and action_name joined by AND";

/// Reads a query; the error says which forms there are.
pub fn parse(sql: &str) -> Result<Ask, String> {
    if sql.len() > MAX_BYTES {
        return Err(format!("the query is longer than {MAX_BYTES} bytes"));
    }
    let tokens = tokens(sql)?;
    let mut parser = Parser::new(&PostgreSqlDialect {}).with_tokens(tokens);
    let statement = parser.parse_statement().map_err(|_| FORMS.to_owned())?;
    if parser.next_token() != Token::EOF {
        return Err(FORMS.into());
    }
    conditions(&statement).and_then(|conditions| ask(&conditions)).ok_or_else(|| FORMS.into())
}

/// The text's tokens without white space and without a semicolon at the end; comments are refused.
fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().map_err(|_| FORMS.to_owned())?;
    let comment = |token: &Token| {
        matches!(token, Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)))
    };
    if tokens.iter().any(comment) {
        return Err("the query must not have comments".into());
    }
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    tokens.pop_if(|last| *last == Token::SemiColon);
    if tokens.len() > MAX_TOKENS {
        return Err(FORMS.into());
    }
    Ok(tokens)
}

/// A column and what it has to be.
type Condition = (String, Option<String>);

/// The conditions of `SELECT * FROM intercepts WHERE …`, if the statement is that and nothing else.
fn conditions(statement: &Statement) -> Option<Vec<Condition>> {
    let Statement::Query(query) = statement else { return None };
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, .. } = &from.relation else { return None };
    let [table] = name.0.as_slice() else { return None };
    let table = table.as_ident()?;
    let known = name_of(table);
    let filter = select.selection.as_ref()?;
    // Whatever else a SELECT can have would be in its text.
    let plain = statement.to_string() == format!("SELECT * FROM {table} WHERE {filter}");
    if !plain || !TABLES.contains(&known.as_str()) {
        return None;
    }
    let mut conditions = Vec::new();
    collect(filter, &known, &mut conditions)?;
    Some(conditions)
}

fn collect(filter: &Expr, table: &str, into: &mut Vec<Condition>) -> Option<()> {
    match filter {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            collect(left, table, into)?;
            collect(right, table, into)?;
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            let column = column(left, table)?;
            let Expr::Value(value) = right.as_ref() else { return None };
            let value = match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                // Where ids were numbers once, clients still write them so.
                Value::Number(number, false) if column == "id" => number.clone(),
                _ => return None,
            };
            into.push((column, Some(value)));
        }
        Expr::IsNull(of) => into.push((column(of, table)?, None)),
        _ => return None,
    }
    Some(())
}

fn column(of: &Expr, table: &str) -> Option<String> {
    match of {
        Expr::Identifier(column) => Some(name_of(column)),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [of, column] if name_of(of) == table => Some(name_of(column)),
            _ => None,
        },
        _ => None,
    }
}

/// A name as `PostgreSQL` understands it: folded to lower case unless it is quoted.
fn name_of(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_lowercase() }
}

fn ask(conditions: &[Condition]) -> Option<Ask> {
    if let [(column, Some(value))] = conditions {
        return Some(match column.as_str() {
            "id" => Ask::Query(Query::Row { row: uuid(value) }),
            "call_ref" => Ask::Query(Query::Call { call: uuid(value) }),
            "tool_call_id" => Ask::Query(Query::ToolCall { tool_call: value.clone() }),
            "action_name" => Ask::Action(value.clone()),
            "agent_id" => Ask::AgentOnly(value.clone()),
            _ => return None,
        });
    }
    let (mut run, mut agent, mut action) = (None, None, None);
    for (column, value) in conditions {
        let twice = match column.as_str() {
            "run_id" => run.replace(value.clone()).is_some(),
            "agent_id" => agent.replace(value.clone()?).is_some(),
            "action_name" => action.replace(value.clone()?).is_some(),
            _ => return None,
        };
        if twice {
            return None;
        }
    }
    Some(Ask::Query(match action {
        Some(action) => Query::Action { action, agent: agent?, run: run? },
        None => Query::Agent { agent: agent?, run: run? },
    }))
}

/// A UUID as `PostgreSQL` compares it; what is none stays, and names no row.
fn uuid(text: &str) -> String {
    Uuid::try_parse(text).map_or_else(|_| text.to_owned(), |uuid| uuid.to_string())
}

/// The SQL text that puts a query to a backend.
#[must_use]
pub fn write(query: &Query) -> String {
    let filter = match query {
        Query::Row { row } => equals("id", row),
        Query::Call { call } => equals("call_ref", call),
        Query::ToolCall { tool_call } => equals("tool_call_id", tool_call),
        Query::Action { action, agent, run } => {
            format!(
                "{} AND {} AND {}",
                within(run.as_deref()),
                equals("agent_id", agent),
                equals("action_name", action)
            )
        }
        Query::Agent { agent, run } => format!("{} AND {}", within(run.as_deref()), equals("agent_id", agent)),
    };
    format!("SELECT * FROM intercepts WHERE {filter}")
}

fn equals(column: &str, value: &str) -> String {
    format!("{column} = '{}'", value.replace('\'', "''"))
}

fn within(run: Option<&str>) -> String {
    run.map_or_else(|| "run_id IS NULL".into(), |run| equals("run_id", run))
}
