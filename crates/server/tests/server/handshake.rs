//! How clients find their table.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    agent::{Agent, Inserted},
    support::{ORG, Running, read, refused, registration},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_finds_the_same_things_however_often_it_is_done() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    refused(&running.get("/api/v1/sandboxes").await, 404);
    assert_eq!(running.get(&running.org("/middlewares")).await, (StatusCode::OK, json!([])));

    let first = running.handshake(&agent.database, agent.cluster.port()).await;
    let again = running.handshake(&agent.database, agent.cluster.port()).await;
    assert_eq!(first.middleware, again.middleware);
    assert_eq!((&first.database, &first.table), (&again.database, &again.table));
    assert_eq!((&first.collection, &first.integration_key), (&again.collection, &again.integration_key));
    assert!(first.integration_key.starts_with("i-"));

    let (_, middlewares) = running.get(&running.org("/middlewares")).await;
    assert_eq!(middlewares, json!([{ "id": first.middleware, "name": "Provably Middleware" }]));
    let path = running.org(&format!("/middlewares/{}/databases", first.middleware));
    let uri = format!("127.0.0.1:{}", agent.cluster.port());
    assert_eq!(running.get(&path).await.1, json!([{ "id": first.database, "name": agent.database, "uri": uri }]));
    let (_, collections) = running.get(&running.org("/collections")).await;
    assert_eq!((&collections[0]["id"], &collections[0]["name"]), (&json!(first.collection), &json!("project")));
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_one_name_on_different_servers_are_different_ones() {
    let Some(agent) = Agent::new().await else { return };
    let Ok(other) = vouchsafe_pg_test::Cluster::start() else { return };
    let running = Running::start().await;
    // Both have a database `postgres`.
    let here = running.handshake("postgres", agent.cluster.port()).await;
    let there = running.handshake("postgres", other.port()).await;
    assert_ne!((&here.database, &here.table), (&there.database, &there.table));
    assert_ne!(here.collection, there.collection);

    // A client that goes by the name has to say which one it means, and then finds that one.
    let path = running.org(&format!("/middlewares/{}/databases", here.middleware));
    assert_eq!(running.get(&path).await.1, json!([]));
    let again = running.handshake("postgres", agent.cluster.port()).await;
    assert_eq!((again.database, again.table, again.collection), (here.database, here.table, here.collection));
    assert_eq!(running.get(&running.org("/collections")).await.1, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_used_is_refused_and_not_kept() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let middleware = running.post(&running.org("/middlewares/provably"), &json!({})).await.1["id"].clone();
    let path = running.org(&format!("/middlewares/{}/databases", middleware.as_str().unwrap()));
    let good = registration(&agent.database, agent.cluster.port());
    for (key, value) in [
        ("password", json!("wrong-Xq8-secret")),
        ("username", json!("nobody")),
        ("name", json!("there-is-none")),
        ("name", json!("")),
        ("uri", json!("no-such-host.invalid")),
        ("uri", json!("/var/run/postgresql")),
        ("uri", json!("127.0.0.1:5432,10.0.0.1:5432")),
        ("provider", json!("mysql")),
        ("uri", json!(7)),
    ] {
        let mut bad = good.clone();
        bad[key] = value.clone();
        let description = refused(&running.post(&path, &bad).await, 400);
        assert!(!description.contains("secret"), "{key} {value}: {description}");
    }
    // One that is away may come back.
    let away = running.send(Method::POST, &path, Some(&registration(&agent.database, 1))).await;
    assert_eq!(away.headers()["retry-after"], "1");
    refused(&read(away).await, 503);
    assert_eq!(running.get(&path).await.1, json!([]));
    assert_eq!(running.post(&path, &good).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_only_read_does_not_take_the_place_of_one_who_may_write() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let reader = format!("reader_{}", agent.database);
    agent.execute(&format!("CREATE ROLE {reader} LOGIN PASSWORD 'Xq1'; GRANT SELECT ON intercepts TO {reader}")).await;
    let mut body = registration(&agent.database, agent.cluster.port());
    (body["username"], body["password"]) = (json!(reader), json!("Xq1"));
    let path = running.org(&format!("/middlewares/{}/databases", found.middleware));
    let description = refused(&running.post(&path, &body).await, 400);
    assert!(description.contains("lacks a right"), "{description}");
    agent.insert(&Inserted::new("{}")).await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_on_a_private_address_is_refused_where_the_server_is_not_on_loopback() {
    refuses_private(Running::start_with(|options| options.host = [0, 0, 0, 0].into()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_on_a_private_address_is_refused_on_loopback_too_where_the_operator_says_so() {
    refuses_private(Running::start_with(|options| options.allow_private_databases = Some(false)).await).await;
}

async fn refuses_private(running: Running) {
    let middleware = running.post(&running.org("/middlewares/provably"), &json!({})).await.1["id"].clone();
    let path = running.org(&format!("/middlewares/{}/databases", middleware.as_str().unwrap()));
    for host in [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.0.1:5432",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]:5432",
        "[fe80::1]",
        "[fd00::1]",
        "0x7f000001",
        "2130706433",
        "127.1",
    ] {
        let mut body = registration("postgres", 5432);
        body["uri"] = json!(host);
        let description = refused(&running.post(&path, &body).await, 400);
        assert!(
            description.contains("private address") || description.contains("host is not known"),
            "{host}: {description}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_private_databases_are_allowed_they_can_be_registered() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start_with(|options| {
        options.host = [0, 0, 0, 0].into();
        options.allow_private_databases = Some(true);
    });
    running.await.handshake(&agent.database, agent.cluster.port()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_which_organizations_there_are() {
    let running = Running::start().await;
    assert_eq!(running.get("/api/v1/user/current").await.1, json!({ "email": "token-1@localhost" }));
    assert_eq!(running.get("/api/v1/organizations").await.1.as_array().unwrap().len(), 1);
    running.post(&running.org("/middlewares/provably"), &json!({})).await;
    assert_eq!(running.get("/api/v1/organizations").await.1, json!([{ "id": ORG, "name": ORG }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_description_too() {
    let running = Running::start().await;
    let middleware = running.post(&running.org("/middlewares/provably"), &json!({})).await.1["id"].clone();
    let middleware = middleware.as_str().unwrap();
    let of = |path: &str| running.org(path).replace("{mw}", middleware).replace("{any}", ORG);
    for path in [
        "/nothing",
        "/queries/{any}",
        "/queries/not-a-uuid",
        "/middlewares/{any}/databases",
        "/middlewares/{mw}/tables/{any}/preprocess",
        "/middlewares/{mw}/tables/{any}/checkpoint",
        "/middlewares/{mw}/databases/{any}/schemas/{any}/tables/{any}/columns",
    ] {
        refused(&running.get(&of(path)).await, 404);
    }
    refused(&running.get(&format!("/api/v1/proof_requests/{ORG}/download")).await, 404);
    refused(&running.post(&of("/queries/{any}/verify"), &json!({})).await, 404);
    refused(&running.post(&of("/queries/{any}/generate_proof"), &json!({})).await, 404);
    let collection = json!({ "query": "SELECT * FROM intercepts WHERE id = 1", "collection_id": ORG });
    refused(&running.post(&of("/middlewares/{mw}/query"), &collection).await, 404);
    refused(&running.post(&of("/collections"), &json!({ "name": "a", "table_id": ORG })).await, 404);
    refused(&running.post(&of("/integrations/ensure"), &json!({ "name": "a", "collections": [ORG] })).await, 404);
    refused(&read(running.send(Method::PUT, &of("/data"), None).await).await, 405);
    let not_json = running.client.post(running.url(&of("/collections"))).bearer_auth(crate::support::TOKEN).body("{");
    refused(&read(not_json.send().await.unwrap()).await, 400);
}
