//! What a URL may say, and what an error says of it.

use crate::setup::Database;
use std::net::{IpAddr, Ipv4Addr};
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::{
    StoreError,
    postgres::{ConnectOptions, Postgres},
};

fn connect(url: &str) -> Result<Postgres, StoreError> {
    Postgres::connect(url, ConnectOptions::default())
}

#[tokio::test]
async fn a_url_as_the_python_sdk_has_it_connects() {
    let Some(database) = Database::new() else { return };
    let place = database.url.strip_prefix("postgres://").unwrap();
    for scheme in ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"] {
        connect(&format!("{scheme}://{place}?sslmode=disable&application_name=x")).unwrap().ping().await.unwrap();
    }
}

#[test]
fn a_url_that_cannot_be_read_is_refused_without_a_word_of_it() {
    let urls = [
        "",
        "Xq7-secret",
        "mysql://u:Xq7-secret@localhost/d",
        "postgres://u:Xq7-secret@localhost:Xq7-secret/d",
        "postgres://u:p@localhost/d?Xq7-secret",
        "postgres://u:p@localhost/d?Xq7-secret=1",
        "postgres://u:p@localhost/d?sslmode=Xq7-secret",
        "postgres://u:p@localhost/d?sslmode=verify-full&sslrootcert=%FF",
        "host=localhost password=Xq7-secret",
    ];
    for url in urls {
        let error = connect(url).unwrap_err();
        assert_eq!(error.code(), "STORE_REFUSED", "{url}");
        assert!(!error.to_string().contains("Xq7"), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_shown() {
    let Some(database) = Database::new() else { return };
    let postgres = connect(&database.url.replace(Cluster::PASSWORD, "Not-this-one")).unwrap();
    let error = postgres.ping().await.unwrap_err();
    assert_eq!(error.code(), "STORE_REFUSED");
    for text in [error.to_string(), format!("{error:?}"), format!("{postgres:?}")] {
        assert!(!text.contains("Not-this-one"), "{text}");
    }
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused_and_a_server_that_is_not_is_unavailable() {
    let Some(database) = Database::new() else { return };
    let error = connect(&format!("{}_not", database.url)).unwrap().ping().await.unwrap_err();
    assert_eq!(error.code(), "STORE_REFUSED", "{error}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = connect(&format!("postgres://u:Xq7-secret@{nobody}/d")).unwrap().ping().await.unwrap_err();
    assert_eq!(error.code(), "STORE_UNAVAILABLE", "{error}");
    assert!(error.to_string().contains(&nobody.to_string()) && !error.to_string().contains("Xq7"), "{error}");
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u:p@{}/d?connect_timeout=1", silent.local_addr().unwrap());
    let error = connect(&url).unwrap().ping().await.unwrap_err();
    assert_eq!(error.code(), "STORE_UNAVAILABLE", "{error}");
}

#[tokio::test]
async fn an_address_is_connected_to_whatever_the_name_resolves_to() {
    let Some(database) = Database::new() else { return };
    let address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let options = ConnectOptions { address, ..ConnectOptions::default() };
    let elsewhere = database.url.replace("127.0.0.1", "nowhere.invalid");
    Postgres::connect(&elsewhere, options).unwrap().ping().await.unwrap();
    // What would lead around the address is refused.
    for url in [
        format!("{elsewhere}?hostaddr=10.0.0.1"),
        format!("{elsewhere}?host=elsewhere.invalid"),
        database.url.replace("127.0.0.1", "a.invalid,b.invalid"),
        "postgres://u:p@%2Ftmp/d".into(),
        "postgres:///d".into(),
    ] {
        assert_eq!(Postgres::connect(&url, options).unwrap_err().code(), "STORE_REFUSED", "{url}");
    }
}
