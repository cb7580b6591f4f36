//! Who may do what.

use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use vouchsafe_server::{ServeError, ServeOptions, serve};

use crate::{
    agent::{Agent, Inserted},
    support::{ORG, Running, TOKEN, options, read, refused, token_file},
};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_known_key_nothing_is_answered() {
    let running = Running::start().await;
    let url = running.url(&running.org("/middlewares"));
    let get = || running.client.get(&url);
    for request in [
        get(),
        get().bearer_auth("another-token-of-some-length"),
        get().bearer_auth(""),
        get().bearer_auth(format!("{TOKEN}x")),
        get().header("authorization", TOKEN),
        get().header("authorization", format!("Basic {TOKEN}")),
        get().header("x-api-key", "i-0000"),
        get().header("x-api-key", &TOKEN[1..]),
    ] {
        refused(&read(request.send().await.unwrap()).await, 401);
    }
    for request in [
        get().bearer_auth(TOKEN),
        get().header("x-api-key", TOKEN),
        get().header("authorization", format!("bearer {TOKEN}")),
    ] {
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_key_reads_and_verifies_queries_of_its_organization_and_nothing_else() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    assert_eq!(running.verified(&found, &query).await["proof"]["verification_status"], "Verified");

    let key = &found.integration_key;
    let get = |path: &str| running.client.get(running.url(path)).header("x-api-key", key).send();
    let download = get(&format!("/api/v1/proof_requests/{query}/download")).await.unwrap();
    assert_eq!(download.status(), StatusCode::OK);
    let table = running.org(&format!("/middlewares/{}/tables/{}", found.middleware, found.table));
    assert_eq!(get(&format!("{table}/checkpoint")).await.unwrap().status(), StatusCode::OK);
    for path in [
        running.org("/middlewares"),
        running.org("/data"),
        format!("{table}/preprocess"),
        "/api/v1/organizations".into(),
    ] {
        refused(&read(get(&path).await.unwrap()).await, 403);
    }
    let other = format!("/api/v1/organizations/{}/queries/{query}", found.table);
    refused(&read(get(&other).await.unwrap()).await, 403);
    let post = running.client.post(running.url(&format!("{table}/preprocess"))).header("x-api-key", key);
    refused(&read(post.json(&json!({})).send().await.unwrap()).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_key_opens_the_collections_that_it_was_made_for_and_no_others() {
    let (Some(agent), Some(other)) = (Agent::new().await, Agent::new().await) else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let others = running.handshake(&other.database, other.cluster.port()).await;
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    let table = running.org(&format!("/middlewares/{}/tables/{}", found.middleware, found.table));
    let body = json!({ "name": "both", "collections": [found.collection, others.collection] });
    let (_, both) = running.post(&running.org("/integrations/ensure"), &body).await;
    let body = json!({ "name": "none", "collections": [] });
    let (_, none) = running.post(&running.org("/integrations/ensure"), &body).await;
    let key = |made: &serde_json::Value| made["api_key"].as_str().unwrap().to_owned();
    let (both, none) = (key(&both), key(&none));
    for (method, path) in [
        ("GET", running.org(&format!("/queries/{query}"))),
        ("POST", running.org(&format!("/queries/{query}/verify"))),
        ("GET", format!("/api/v1/proof_requests/{query}/download")),
        ("GET", format!("{table}/checkpoint")),
        ("GET", format!("{table}/consistency?from=1&to=1")),
    ] {
        let send = async |key: &str| {
            let request = running.client.request(method.parse().unwrap(), running.url(&path));
            read(request.header("x-api-key", key).send().await.unwrap()).await
        };
        for opens in [&found.integration_key, &both] {
            assert_eq!(send(opens).await.0, StatusCode::OK, "{method} {path}");
        }
        for closed in [&others.integration_key, &none] {
            refused(&send(closed).await, 403);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_key_that_is_revoked_is_nobodys_and_the_next_one_is_another() {
    let Some(agent) = Agent::new().await else { return };
    let (folder, store) = (TempDir::new().unwrap(), agent.cluster.url(&agent.cluster.create_database()));
    let shared = ServeOptions { store, ..options(folder.path()) };
    for mut running in [Running::start().await, Running::start_in(folder, shared).await] {
        let found = running.handshake(&agent.database, agent.cluster.port()).await;
        let path = running.org(&format!("/middlewares/{}/tables/{}/checkpoint", found.middleware, found.table));
        let url = running.url(&path);
        let status = async |key: &str| running.client.get(&url).header("x-api-key", key).send().await.unwrap().status();
        let ensure = |name: &str, is_enabled: bool| {
            let body = json!({ "name": name, "is_enabled": is_enabled, "collections": [found.collection] });
            let path = running.org("/integrations/ensure");
            async { running.post(&{ path }, &{ body }).await.1 }
        };
        let other = ensure("other", true).await["api_key"].clone();
        let leaked = &found.integration_key;
        assert_eq!(ensure("intercepts", true).await["api_key"], json!(leaked));
        assert_eq!(status(leaked).await, StatusCode::OK);

        let revoked = ensure("intercepts", false).await;
        assert_eq!((&revoked["is_enabled"], &revoked["api_key"]), (&json!(false), &json!(null)));
        assert_eq!(status(leaked).await, StatusCode::UNAUTHORIZED);
        assert_eq!(ensure("intercepts", false).await, revoked);
        let next = ensure("intercepts", true).await["api_key"].clone();
        assert_eq!(ensure("intercepts", true).await["api_key"], next);
        for (key, expected) in [
            (next.as_str().unwrap(), StatusCode::OK),
            (leaked, StatusCode::UNAUTHORIZED),
            (other.as_str().unwrap(), StatusCode::OK),
        ] {
            assert_eq!(status(key).await, expected);
        }
        assert!(running.shutdown().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_another_organization_is_not_found() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let query = running.query(&found, "SELECT * FROM intercepts WHERE agent_id = 'a'").await;
    let path = format!("/api/v1/organizations/{}/queries/{query}", found.table);
    refused(&running.get(&path).await, 404);
    // Nor is its collection.
    let path = format!("/api/v1/organizations/{}", found.table);
    let middleware = running.post(&format!("{path}/middlewares/provably"), &json!({})).await.1["id"].clone();
    let body = json!({ "query": "SELECT * FROM intercepts WHERE agent_id = 'a'", "collection_id": found.collection });
    let path = format!("{path}/middlewares/{}/query", middleware.as_str().unwrap());
    refused(&running.post(&path, &body).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_be_kept_as_its_hash_and_be_for_reading_only() {
    let dir = TempDir::new().unwrap();
    let mut options = options(dir.path());
    // SHA-256 of "abc", as FIPS 180-2 has it.
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    options.token_file = Some(token_file(dir.path(), &format!("# keys\n\nreader sha256:{hash} read\n")));
    let running = Running::start_in(dir, options).await;
    let get = |path: &str| running.client.get(running.url(path)).bearer_auth("abc").send();
    refused(&read(get(&running.org("/middlewares")).await.unwrap()).await, 403);
    refused(&read(get(&running.org(&format!("/queries/{ORG}"))).await.unwrap()).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_that_is_not_private_or_not_understood_keeps_the_server_from_starting() {
    let dir = TempDir::new().unwrap();
    for text in ["", "# nothing\n", "short", "name sha256:12", "name sha1:ba7816bf", "a b c d", "a b"] {
        let mut options = options(dir.path());
        options.token_file = Some(token_file(dir.path(), text));
        assert!(matches!(serve(options).await, Err(ServeError::Keys(_))), "{text}");
    }
    let mut missing = options(dir.path());
    missing.token_file = Some(dir.path().join("missing"));
    assert!(matches!(serve(missing).await, Err(ServeError::Keys(_))));
    #[cfg(unix)]
    {
        let open = options(dir.path());
        let path = open.token_file.clone().unwrap();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(serve(open).await, Err(ServeError::Keys(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_file_one_is_made_and_its_token_shown_once() {
    let dir = TempDir::new().unwrap();
    let mut options = options(dir.path());
    options.token_file = None;
    let running = Running::start_in(dir, options.clone()).await;
    let token = running.server.as_ref().unwrap().fresh_token().unwrap().to_owned();
    let get = |running: &Running| running.client.get(running.url("/api/v1/user/current")).bearer_auth(&token).send();
    assert_eq!(get(&running).await.unwrap().status(), StatusCode::OK);
    let mut running = running;
    assert!(running.shutdown().await);
    let running = Running::start_in(running.dir, options).await;
    assert_eq!(running.server.as_ref().unwrap().fresh_token(), None);
    assert_eq!(get(&running).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_that_are_not_named_are_not_served() {
    let running = Running::start_with(|options| options.orgs = Some(vec![ORG.parse().unwrap()])).await;
    assert_eq!(running.get(&running.org("/middlewares")).await.0, StatusCode::OK);
    let other = "/api/v1/organizations/00000000-0000-4000-8000-000000000000/middlewares";
    refused(&running.get(other).await, 404);
    assert_eq!(running.get("/api/v1/organizations").await.1, json!([{ "id": ORG, "name": ORG }]));
}

#[test]
fn the_options_are_json_with_everything_by_default_but_the_store() {
    let read = |json: serde_json::Value| serde_json::from_value::<vouchsafe_server::ServeOptions>(json);
    let options = read(json!({ "store": "/a" })).unwrap();
    assert_eq!((options.host.to_string(), options.port), ("127.0.0.1".into(), 8347));
    assert_eq!((options.max_body_bytes, options.max_in_flight, options.rate_per_second), (2 << 20, 1_024, 10_000));
    assert!(options.token_file.is_none() && options.orgs.is_none() && options.allow_private_databases.is_none());
    let options = read(json!({ "store": "/a", "host": "::", "port": 0, "tokenFile": "/b", "orgs": [ORG],
        "allowPrivateDatabases": true, "maxBodyBytes": 1, "maxInFlight": 2, "ratePerSecond": 3, "origin": "o" }));
    assert_eq!(options.unwrap().rate_per_second, 3);
    assert!(read(json!({})).is_err() && read(json!({ "store": "/a", "prot": 1 })).is_err());
}
