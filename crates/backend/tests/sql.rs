//! The SQL that a server accepts, and all that it does not.

use proptest::prelude::*;
use vouchsafe_backend::{Ask, sql};
use vouchsafe_core::query::Query;

const CALL: &str = "0192f0c1-2222-7aaa-8bbb-0123456789ab";

const REFUSED: [&str; 95] = [
    "",
    ";",
    "SELECT",
    "SELECT 1",
    "SELECT * FROM intercepts",
    "SELECT * FROM intercepts WHERE",
    "SELECT * FROM intercepts WHERE true",
    "SELECT * FROM intercepts WHERE 'a' = id",
    "SELECT * FROM intercepts WHERE id = id",
    "SELECT * FROM intercepts WHERE id = NULL",
    "SELECT * FROM intercepts WHERE id IS NULL",
    "SELECT * FROM intercepts WHERE id IS NOT NULL",
    "SELECT * FROM intercepts WHERE agent_id = 7",
    "SELECT * FROM intercepts WHERE id = -7",
    "SELECT * FROM intercepts WHERE id = 7 + 1",
    "SELECT * FROM intercepts WHERE id = $1",
    "SELECT * FROM intercepts WHERE id = ?",
    "SELECT * FROM intercepts WHERE id = 'a'::uuid",
    "SELECT * FROM intercepts WHERE id = CAST('a' AS uuid)",
    "SELECT * FROM intercepts WHERE id = E'a\\x27'",
    "SELECT * FROM intercepts WHERE id = U&'a'",
    "SELECT * FROM intercepts WHERE id = N'a'",
    "SELECT * FROM intercepts WHERE id = $$a$$",
    "SELECT * FROM intercepts WHERE id = \"a\"",
    "SELECT * FROM intercepts WHERE id = 'a",
    "SELECT * FROM intercepts WHERE id = 'a' COLLATE \"C\"",
    "SELECT * FROM intercepts WHERE id = lower('a')",
    "SELECT * FROM intercepts WHERE lower(id) = 'a'",
    "SELECT * FROM intercepts WHERE pg_sleep(9) = 'a'",
    "SELECT * FROM intercepts WHERE id <> 'a'",
    "SELECT * FROM intercepts WHERE id > 'a'",
    "SELECT * FROM intercepts WHERE id LIKE 'a'",
    "SELECT * FROM intercepts WHERE id IN ('a')",
    "SELECT * FROM intercepts WHERE id = ANY ('{a}')",
    "SELECT * FROM intercepts WHERE id BETWEEN 'a' AND 'b'",
    "SELECT * FROM intercepts WHERE NOT id = 'a'",
    "SELECT * FROM intercepts WHERE (id = 'a')",
    "SELECT * FROM intercepts WHERE id = 'a' OR true",
    "SELECT * FROM intercepts WHERE id = 'a' AND call_ref = 'b'",
    "SELECT * FROM intercepts WHERE id = 'a' AND true",
    "SELECT * FROM intercepts WHERE run_id = 'a'",
    "SELECT * FROM intercepts WHERE run_id IS NULL",
    "SELECT * FROM intercepts WHERE action_name = 'a' AND agent_id = 'b'",
    "SELECT * FROM intercepts WHERE run_id = 'a' AND action_name = 'b'",
    "SELECT * FROM intercepts WHERE run_id = 'a' AND agent_id = 'b' AND agent_id = 'c'",
    "SELECT * FROM intercepts WHERE run_id = 'a' AND agent_id IS NULL",
    "SELECT * FROM intercepts WHERE run_id = 'a' OR agent_id = 'b'",
    "SELECT * FROM intercepts WHERE raw_response = 'a'",
    "SELECT * FROM intercepts WHERE other.id = 'a'",
    "SELECT * FROM intercepts WHERE public.intercepts.id = 'a'",
    "SELECT * FROM intercepts WHERE \"ID\" = 'a'",
    "SELECT * FROM \"Intercepts\" WHERE id = 'a'",
    "SELECT * FROM public.intercepts WHERE id = 'a'",
    "SELECT * FROM pg_catalog.pg_shadow WHERE id = 'a'",
    "SELECT * FROM traces WHERE id = 'a'",
    "SELECT * FROM ONLY intercepts WHERE id = 'a'",
    "SELECT * FROM intercepts * WHERE id = 'a'",
    "SELECT * FROM intercepts i WHERE id = 'a'",
    "SELECT * FROM intercepts AS i WHERE i.id = 'a'",
    "SELECT * FROM intercepts TABLESAMPLE SYSTEM (1) WHERE id = 'a'",
    "SELECT * FROM intercepts, traces WHERE id = 'a'",
    "SELECT * FROM intercepts JOIN traces ON true WHERE id = 'a'",
    "SELECT * FROM intercepts NATURAL JOIN traces WHERE id = 'a'",
    "SELECT * FROM (SELECT * FROM intercepts) WHERE id = 'a'",
    "SELECT * FROM intercepts WHERE id = (SELECT id FROM intercepts)",
    "SELECT * FROM intercepts WHERE EXISTS (SELECT 1)",
    "SELECT * FROM intercepts() WHERE id = 'a'",
    "SELECT id FROM intercepts WHERE id = 'a'",
    "SELECT *, 1 FROM intercepts WHERE id = 'a'",
    "SELECT intercepts.* FROM intercepts WHERE id = 'a'",
    "SELECT count(*) FROM intercepts WHERE id = 'a'",
    "SELECT ALL * FROM intercepts WHERE id = 'a'",
    "SELECT DISTINCT * FROM intercepts WHERE id = 'a'",
    "SELECT * INTO t FROM intercepts WHERE id = 'a'",
    "SELECT * FROM intercepts WHERE id = 'a' ORDER BY id",
    "SELECT * FROM intercepts WHERE id = 'a' LIMIT 1",
    "SELECT * FROM intercepts WHERE id = 'a' OFFSET 1",
    "SELECT * FROM intercepts WHERE id = 'a' FETCH FIRST ROW ONLY",
    "SELECT * FROM intercepts WHERE id = 'a' GROUP BY id",
    "SELECT * FROM intercepts WHERE id = 'a' HAVING true",
    "SELECT * FROM intercepts WHERE id = 'a' WINDOW w AS ()",
    "SELECT * FROM intercepts WHERE id = 'a' FOR UPDATE",
    "SELECT * FROM intercepts WHERE id = 'a' UNION SELECT * FROM intercepts WHERE id = 'b'",
    "WITH t AS (SELECT 1) SELECT * FROM intercepts WHERE id = 'a'",
    "(SELECT * FROM intercepts WHERE id = 'a')",
    "TABLE intercepts",
    "VALUES (1)",
    "EXPLAIN SELECT * FROM intercepts WHERE id = 'a'",
    "INSERT INTO intercepts SELECT * FROM intercepts WHERE id = 'a'",
    "DELETE FROM intercepts WHERE id = 'a'",
    "UPDATE intercepts SET id = 'b' WHERE id = 'a'",
    "DROP TABLE intercepts",
    "COPY intercepts TO PROGRAM 'sh'",
    "SET ROLE postgres",
    "SELECT * FROM intercepts WHERE id = 'a' \0",
];

fn call() -> Ask {
    Ask::Query(Query::Call { call: CALL.into() })
}

#[test]
fn the_forms_that_clients_send_are_read() {
    let text = String::from;
    let accepted = [
        (format!("SELECT * FROM intercepts WHERE call_ref = '{CALL}'"), call()),
        (format!("SELECT * FROM intercepts WHERE intercepts.call_ref = '{CALL}'"), call()),
        (format!("select *\n from INTERCEPTS where Call_Ref='{}' ;", CALL.to_uppercase()), call()),
        (format!("SELECT * FROM \"intercepts\" WHERE \"intercepts\".\"call_ref\" = '{CALL}'"), call()),
        (text("SELECT * FROM intercepts WHERE action_name = 'a ''quoted'' \\ name'"), {
            Ask::Action(text("a 'quoted' \\ name"))
        }),
        (text("SELECT * FROM intercepts WHERE agent_id = ''"), Ask::AgentOnly(text(""))),
        (text("SELECT * FROM provably_intercepts WHERE id = 42"), Ask::Query(Query::Row { row: text("42") })),
        (format!("SELECT * FROM provably_intercepts WHERE id = '{CALL}'"), Ask::Query(Query::Row { row: CALL.into() })),
        (text("SELECT * FROM intercepts WHERE tool_call_id = 'call_1'"), {
            Ask::Query(Query::ToolCall { tool_call: text("call_1") })
        }),
        (text("SELECT * FROM intercepts WHERE action_name = 'b' AND run_id = 'r' AND agent_id = 'a'"), {
            Ask::Query(Query::Action { action: text("b"), agent: text("a"), run: Some(text("r")) })
        }),
        (text("SELECT * FROM intercepts WHERE agent_id = '-- a' AND run_id IS NULL"), {
            Ask::Query(Query::Agent { agent: text("-- a"), run: None })
        }),
    ];
    for (sql, expected) in accepted {
        assert_eq!(sql::parse(&sql), Ok(expected), "{sql}");
    }
}

#[test]
fn whatever_else_there_is_in_sql_is_refused_with_a_description() {
    let call = format!("SELECT * FROM intercepts WHERE call_ref = '{CALL}'");
    let mut refused: Vec<String> = REFUSED.map(str::to_owned).into();
    refused.extend([
        format!("{call};;"),
        format!("{call}; {call}"),
        format!("{call}; DROP TABLE intercepts"),
        format!("{call} -- a comment"),
        format!("{call}; -- a comment"),
        format!("/* a comment */ {call}"),
        format!("SELECT /*+ SeqScan(intercepts) */ * FROM intercepts WHERE call_ref = '{CALL}'"),
        format!("{call} {call}"),
        format!("{call}{}", " ".repeat(1 << 20)),
        format!("SELECT * FROM intercepts WHERE call_ref = '{}'", "a".repeat(1 << 20)),
        format!("{call}{}", " AND id = 'a'".repeat(4_000)),
        format!("SELECT * FROM intercepts WHERE {}id = 'a'{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT * FROM intercepts WHERE id = {}1", "-".repeat(3)),
        format!("SELECT * FROM intercepts WHERE {} id = 'a'", "NOT ".repeat(12_000)),
        format!("{} 1", "SELECT (".repeat(5_000)),
        "/*".repeat(30_000),
        "'".repeat(30_001),
    ]);
    for sql in refused {
        let shown: String = sql.chars().take(100).collect();
        let description = sql::parse(&sql).expect_err(&shown);
        assert!(description.len() > 20, "{shown}");
    }
}

fn query() -> impl Strategy<Value = Query> {
    let text = || prop_oneof![".{0,20}", "['\\\\;\\-/*\"$ ]{0,8}"];
    let run = || proptest::option::of(text());
    let uuid = || any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string());
    prop_oneof![
        uuid().prop_map(|row| Query::Row { row }),
        uuid().prop_map(|call| Query::Call { call }),
        text().prop_map(|tool_call| Query::ToolCall { tool_call }),
        (text(), text(), run()).prop_map(|(action, agent, run)| Query::Action { action, agent, run }),
        (text(), run()).prop_map(|(agent, run)| Query::Agent { agent, run }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(query in query()) {
        prop_assert_eq!(sql::parse(&sql::write(&query)), Ok(Ask::Query(query)));
    }

    /// Words of SQL in any order: what is accepted means what its own written form means.
    #[test]
    fn what_is_accepted_is_given_back(words in proptest::collection::vec(prop_oneof![
        Just("AND"), Just("OR"), Just("IS NULL"), Just("="), Just("'a'"), Just("'it''s'"), Just("7"), Just("run_id"),
        Just("agent_id"), Just("action_name"), Just("id"), Just("intercepts."), Just(";"), Just("("), Just(")"), Just("--"),
    ], 3..12), known in query()) {
        for sql in [
            format!("SELECT * FROM intercepts WHERE {}", words.join(" ")),
            format!("{} {}", sql::write(&known), words.join(" ")),
        ] {
            if let Ok(Ask::Query(query)) = sql::parse(&sql) {
                prop_assert_eq!(sql::parse(&sql::write(&query)), Ok(Ask::Query(query)));
            }
        }
    }

    #[test]
    fn no_text_is_too_odd_to_be_refused(text in "\\PC{0,200}") {
        let _ = sql::parse(&text);
    }
}
