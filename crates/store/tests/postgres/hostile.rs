//! A database whose owner means harm.

use crate::setup::{Database, id, own};
use vouchsafe_core::intercept::Intercept;

#[tokio::test]
async fn no_error_repeats_what_the_database_says() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let client = database.client().await;
    let raise = "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   RAISE 'Xq7-secret %', NEW.raw_response USING ERRCODE = NEW.agent_id; END $$;
                 CREATE TRIGGER tell BEFORE INSERT ON intercepts FOR EACH ROW EXECUTE FUNCTION tell()";
    client.batch_execute(raise).await.unwrap();
    for (code, expected) in [
        ("P0001", "STORE_IO"),
        ("22P02", "STORE_IO"),
        ("23505", "STORE_REFUSED"),
        ("42501", "STORE_REFUSED"),
        ("40001", "STORE_LOCKED"),
        ("XX001", "STORE_CORRUPT"),
        ("57014", "STORE_UNAVAILABLE"),
    ] {
        let row = Intercept { agent_id: code.into(), raw_response: "Xq7-secret".into(), ..own(1) };
        let error = table.insert(&[row]).await.unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.contains(code) && !text.contains("Xq7"), "{text}");
        }
    }
    assert_eq!(table.by_ids(&[id(1)]).await.unwrap().rows, []);
}
