//! Postgres is away for a while.

use vouchsafe_backend::{Ask, Backend, Snapshot};
use vouchsafe_ledger::verify_consistency;
use vouchsafe_pg_test::Cluster;

use crate::setup::{Store, Table, by_id, rows};

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_away_nothing_is_said_and_afterwards_all_is_as_before() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(reason) => return eprintln!("skipped, no PostgreSQL: {reason}"),
    };
    for store in [Store::Folder, Store::Postgres] {
        let table = Table::on(&cluster, store).await;
        let all = rows(5);
        table.insert(&all).await;
        let before = table.commit().await;
        table.insert(&rows(2)).await;
        cluster.stop();
        let away = |code: &str| assert_eq!(code, "STORE_UNAVAILABLE", "{store:?}");
        away(table.backend.preprocess(Snapshot { ticket: 0 }).await.unwrap_err().code());
        away(table.backend.covering().await.unwrap_err().code());
        let ask = Ask::Query(by_id(&all[0]));
        away(table.backend.answer(&ask, 256).await.unwrap_err().code());
        cluster.start_again().unwrap();
        let at = table.commit().await;
        assert_eq!(at.rows, 7);
        let (old, new) = (&before.checkpoint, &at.checkpoint);
        let proof = table.backend.consistency(old.size, &at).await.unwrap();
        verify_consistency(old.size, &old.root, new.size, &new.root, &proof).unwrap();
        let answer = table.ask(by_id(&all[0])).await;
        table.open(&answer).unwrap();
    }
}
