//! Several organizations on one database.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    agent::{Agent, Inserted},
    queries::{check, download},
    support::{Found, Running, refused, registration},
};

const OTHER: &str = "0b8f4a51-5a3e-4f0e-8f7d-9d1c6a2b3e4f";

/// Registers the database for the other organization as another user.
async fn register_as(running: &mut Running, agent: &Agent, user: &str, password: &str) -> (StatusCode, Value) {
    running.org_id = OTHER;
    let middleware = running.post(&running.org("/middlewares/provably"), &json!({})).await.1["id"].clone();
    let mut body = registration(&agent.database, agent.cluster.port());
    (body["username"], body["password"]) = (json!(user), json!(password));
    let path = running.org(&format!("/middlewares/{}/databases", middleware.as_str().unwrap()));
    let answer = running.post(&path, &body).await;
    running.org_id = crate::support::ORG;
    answer
}

async fn assert_proven(running: &Running, found: &Found, query: &str) {
    let record = running.verified(found, query).await;
    assert_eq!(record["proof"]["verification_status"], "Verified", "{record}");
    assert_eq!(check(running, found, &download(running, query).await).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_organization_registers_changes_nothing_for_another_on_the_same_database() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    assert_proven(&running, &found, &query).await;

    let (reader, blind, equal) =
        (format!("r_{}", agent.database), format!("b_{}", agent.database), format!("e_{}", agent.database));
    for role in [&reader, &blind, &equal] {
        let grants =
            format!("CREATE ROLE {role} LOGIN PASSWORD 'Xq1'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
        agent.execute(&grants).await;
    }
    agent.execute(&format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {blind}, {equal}")).await;
    let registered = register_as(&mut running, &agent, &equal, "Xq1").await;
    assert_eq!(registered.0, StatusCode::OK, "{}", registered.1);
    assert_ne!(registered.1["id"], found.database, "each has its own");
    assert_proven(&running, &found, &query).await;

    agent.execute("ALTER TABLE intercepts ENABLE ROW LEVEL SECURITY").await;
    for (user, password, why) in
        [(&equal, "Xq2", "password"), (&reader, "Xq1", "lacks a right"), (&blind, "Xq1", "row-level security")]
    {
        let description = refused(&register_as(&mut running, &agent, user, password).await, 400);
        assert!(description.contains(why), "{description}");
        assert_proven(&running, &found, &query).await;
        let next = Inserted::new("{\"price\": 43}");
        agent.insert(&next).await;
        running.preprocess(&found).await;
        assert_proven(&running, &found, &running.query(&found, &next.by_call()).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_reads_with_its_own_rights_and_no_others() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let role = format!("e_{}", agent.database);
    agent
        .execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'Xq1'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .await;
    assert_eq!(register_as(&mut running, &agent, &role, "Xq1").await.0, StatusCode::OK);
    running.org_id = OTHER;
    let (_, data) = running.get(&running.org("/data")).await;
    let table = data["middlewares"][0]["databases"][0]["schemas"][0]["tables"][0]["id"].clone();
    assert_ne!(table, found.table);
    let (_, collection) = running.post(&running.org("/collections"), &json!({ "name": "p", "table_id": table })).await;
    let middleware = data["middlewares"][0]["id"].as_str().unwrap();
    let ask = async |running: &Running| {
        let body = json!({ "query": row.by_call(), "collection_id": collection["id"] });
        let (_, made) = running.post(&running.org(&format!("/middlewares/{middleware}/query")), &body).await;
        running.get(&running.org(&format!("/queries/{}", made["query_id"].as_str().unwrap()))).await
    };
    // What the other one had committed is in the other one's log.
    let (status, record) = ask(&running).await;
    assert_eq!((status, &record["result"]["value"]["rows"]), (StatusCode::OK, &json!([])), "{record}");
    let theirs = running.org(&format!("/middlewares/{middleware}/tables/{}/checkpoint", found.table));
    refused(&running.get(&theirs).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_hidden_from_the_server_are_trouble_and_no_accusation() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    running.org_id = OTHER;
    let role = format!("e_{}", agent.database);
    // So that all is there which this role may not make.
    let owner = Running::start().await;
    owner.handshake(&agent.database, agent.cluster.port()).await;
    agent
        .execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'Xq1'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .await;
    let found = running.handshake_as(&agent.database, agent.cluster.port(), &role, "Xq1").await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    assert_proven(&running, &found, &query).await;
    agent.execute("ALTER TABLE intercepts ENABLE ROW LEVEL SECURITY").await;
    refused(&running.get(&running.org(&format!("/queries/{query}"))).await, 503);
    agent.execute("ALTER TABLE intercepts DISABLE ROW LEVEL SECURITY").await;
    assert_proven(&running, &found, &query).await;
    agent.execute("DELETE FROM intercepts").await;
    assert_eq!(running.verified(&found, &query).await["proof"]["status"], "Failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_organizations_the_one_that_registered_a_table_last_commits_it() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    running.org_id = OTHER;
    let theirs = running.handshake(&agent.database, agent.cluster.port()).await;
    running.preprocess(&theirs).await;
    assert_proven(&running, &theirs, &running.query(&theirs, &row.by_call()).await).await;

    running.org_id = crate::support::ORG;
    let path = running.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table));
    running.post(&path, &json!({})).await;
    let run = running.waited(&path).await.1;
    assert_eq!(run["status"], "error", "{run}");
    assert!(run["error"].as_str().unwrap().contains("another log"), "{run}");
    // What it had committed stays proven.
    assert_proven(&running, &found, &query).await;
    running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&Inserted::new("{}")).await;
    assert_eq!(running.preprocess(&found).await["rows"], "2");
    assert_proven(&running, &found, &query).await;
}
