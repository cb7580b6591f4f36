//! A server that takes a question and never answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;
use vouchsafe_store::{
    ledger::LedgerStore,
    postgres::{ConnectOptions, Intercepts, Postgres, PostgresLedger},
};

use crate::setup::{Database, own};

/// What a statement may take, and we wait 5 s longer.
const SHORT: Duration = Duration::from_millis(200);
const SOON: Duration = Duration::from_secs(15);

/// A way to the database that swallows the server's answers while it is told to.
async fn way_to(database: &Database, silent: Arc<AtomicBool>) -> String {
    let place = database.url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = database.url.replace(&place, &listener.local_addr().unwrap().to_string()) + "?connect_timeout=1";
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&place).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let silent = silent.clone();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move {
                let mut answer = vec![0; 64 << 10];
                while let Ok(length @ 1..) = from_server.read(&mut answer).await {
                    if !silent.load(Ordering::Relaxed) && to_client.write_all(&answer[..length]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_a_server_that_fell_silent_gets_an_error_in_time() {
    let Some(database) = Database::new() else { return };
    let silent = Arc::<AtomicBool>::default();
    let url = way_to(&database, silent.clone()).await;
    let options = ConnectOptions { statement_timeout: SHORT, ..ConnectOptions::default() };
    let connect = || Postgres::connect(&url, options).unwrap();
    let table = Intercepts::open(connect(), None);
    table.ensure().await.unwrap();
    table.insert(&[own(1)]).await.unwrap();
    let ledger = PostgresLedger::open(connect(), Uuid::nil()).await.unwrap();
    let held = ledger.clone();
    let held = tokio::task::spawn_blocking(move || held.hold()).await.unwrap().unwrap();

    silent.store(true, Ordering::Relaxed);
    let ids = [own(1).id];
    let reading = tokio::task::spawn_blocking(move || held.leaf(0).map(drop));
    let (asked, read, rest, leaf) = tokio::time::timeout(SOON, async {
        tokio::join!(table.has_uncommitted(), table.by_ids(&ids), table.rest(), reading)
    })
    .await
    .expect("they end");
    for error in [asked.unwrap_err(), read.unwrap_err(), rest.err().unwrap(), leaf.unwrap().unwrap_err()] {
        assert_eq!(error.code(), "STORE_UNAVAILABLE", "{error}");
    }
    silent.store(false, Ordering::Relaxed);
    assert_eq!(table.uncommitted(10).await.unwrap().rows, [own(1)]);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let Some(database) = Database::new() else { return };
    let slow =
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
                CREATE TRIGGER slow BEFORE INSERT ON intercepts FOR EACH ROW EXECUTE FUNCTION slow()";
    database.table().await;
    database.client().await.batch_execute(slow).await.unwrap();
    let options = ConnectOptions { statement_timeout: SHORT, ..ConnectOptions::default() };
    let table = Intercepts::open(Postgres::connect(&database.url, options).unwrap(), None);
    let error = tokio::time::timeout(SOON, table.insert(&[own(1)])).await.expect("it ends").unwrap_err();
    assert!(error.to_string().contains("57014"), "{error}");
}
