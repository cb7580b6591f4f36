//! What must not be read by others.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::json;
use vouchsafe_pg_test::Cluster;

use crate::{
    agent::{Agent, Inserted},
    support::{Running, TOKEN, registration},
};

/// Every file below a folder.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_log_in_an_answer_or_in_a_file_that_others_may_read() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    running.verified(&found, &query).await;

    let mut answers = String::new();
    let databases = running.org(&format!("/middlewares/{}/databases", found.middleware));
    let mut wrong = registration(&agent.database, agent.cluster.port());
    wrong["username"] = json!("nobody");
    let mut unreachable = registration(&agent.database, 1);
    unreachable["name"] = json!("elsewhere");
    for (method, path, body) in [
        (Method::GET, databases.clone(), None),
        (Method::POST, databases.clone(), Some(wrong)),
        (Method::POST, databases.clone(), Some(unreachable)),
        (Method::POST, databases.clone(), Some(json!({ "password": Cluster::PASSWORD, "name": 7 }))),
        (Method::GET, running.org("/data"), None),
        (Method::GET, running.org("/collections"), None),
        (Method::GET, running.org(&format!("/queries/{query}")), None),
        (Method::GET, "/metrics".into(), None),
        (Method::GET, format!("/api/v1/user/current?token={TOKEN}"), None),
    ] {
        answers += &running.send(method, &path, body.as_ref()).await.text().await.unwrap();
    }
    // And an error inside.
    agent.execute("ALTER TABLE intercepts RENAME TO away").await;
    answers += &running.send(Method::GET, &running.org(&format!("/queries/{query}")), None).await.text().await.unwrap();

    let log = running.log.text();
    assert!(log.contains("\"level\":\"ERROR\""), "the error is in the log:\n{log}");
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
    let secrets = [Cluster::PASSWORD, TOKEN, &found.integration_key];
    for secret in secrets {
        assert!(!answers.contains(secret), "{secret} is in an answer");
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    let store = running.dir.path().join("store");
    let mut holding = Vec::new();
    for path in files(&store) {
        let bytes = fs::read(&path).unwrap();
        if secrets.iter().any(|secret| contains(&bytes, secret)) {
            assert!(!contains(&bytes, TOKEN) && !contains(&bytes, &found.integration_key), "{}", path.display());
            holding.push(path);
        }
    }
    assert_eq!(holding, [store.join("secrets.json")]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&holding[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
