//! Agents of one organization, each with our own client.

use std::{sync::Arc, time::Duration};

use vouchsafe_backend::{Auth, Backend, Fetched, Remote, RemoteOptions, Snapshot};
use vouchsafe_core::query::Query;
use vouchsafe_pg_test::Cluster;

use crate::{
    agent::{Agent, Inserted},
    support::{ORG, Running, TOKEN},
};

/// A client of the default project with its database at this URL.
fn client(running: &Running, database: String) -> Remote {
    let options = RemoteOptions {
        url: running.url(""),
        org_id: ORG.into(),
        auth: Auth::ApiKey(TOKEN.into()),
        project: "vouchsafe".into(),
        database: Some(database),
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(5),
        max_concurrency: 8,
    };
    Remote::new(options, None).unwrap()
}

/// The ids of the rows that a client's server knows under a call.
async fn rows(client: &Remote, row: &Inserted) -> Vec<String> {
    let at = client.preprocess(Snapshot { ticket: 0 }).await.unwrap();
    let query = Query::Call { call: row.call.to_string() };
    let record = client.query(query, 10, Arc::clone(&at)).await.unwrap();
    let answer = client.prove(&record).await.unwrap();
    let Fetched::Proven(bundle) = client.fetch(&record, answer).await.unwrap() else { panic!("our server proves") };
    bundle.rows.into_iter().map(|proven| proven.row.id).collect()
}

/// Each of two agents finds its own row and not the other's, whoever comes first, and again after a restart of its own.
async fn each_has_its_own(running: &Running, agents: [(&Agent, String); 2]) {
    let written = [Inserted::new("{}"), Inserted::new("{}")];
    for ((agent, _), row) in agents.iter().zip(&written) {
        agent.insert(row).await;
    }
    for _ in 0..2 {
        for (n, (_, url)) in agents.iter().enumerate() {
            let client = client(running, url.clone());
            assert_eq!(rows(&client, &written[n]).await, [written[n].id.to_string()]);
            assert_eq!(rows(&client, &written[1 - n]).await, [""; 0]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_databases_of_one_project_have_their_own_tables_and_rows() {
    let (Some(one), Some(other)) = (Agent::new().await, Agent::new().await) else { return };
    let running = Running::start().await;
    let url = |agent: &Agent| agent.cluster.url(&agent.database);
    each_has_its_own(&running, [(&one, url(&one)), (&other, url(&other))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_databases_of_one_name_on_two_servers_have_their_own_tables_and_rows() {
    let Ok(cluster) = Cluster::start() else { return };
    let Some(one) = Agent::new().await else { return };
    let other = Agent::named(Box::leak(Box::new(cluster)), &one.database).await;
    let running = Running::start().await;
    let url = |agent: &Agent| agent.cluster.url(&agent.database);
    each_has_its_own(&running, [(&one, url(&one)), (&other, url(&other))]).await;
    other.cluster.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_arrives_with_the_next_client() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let role = format!("owner_{}", agent.database);
    let database = &agent.database;
    agent
        .execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'Xq1'; GRANT CREATE ON SCHEMA public TO {role};
             ALTER TABLE intercepts OWNER TO {role}"
        ))
        .await;
    let url = |password: &str| format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", agent.cluster.port());
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    assert_eq!(rows(&client(&running, url("Xq1")), &row).await, [row.id.to_string()]);
    agent.execute(&format!("ALTER ROLE {role} PASSWORD 'Xq2'")).await;
    assert_eq!(rows(&client(&running, url("Xq2")), &row).await, [row.id.to_string()]);
    // What the server had open by then is ended: it has to connect with the new one.
    agent.disconnect_others().await;
    assert_eq!(rows(&client(&running, url("Xq2")), &row).await, [row.id.to_string()]);
}
