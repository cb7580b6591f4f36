//! Several processes on one log: one history, and each row one leaf of it.

use vouchsafe_ledger::verify_consistency;

use crate::setup::{by_id, rows, with_both};

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_commit_at_the_same_time_sign_one_history() {
    with_both(async |table| {
        let others = [table.another().await, table.another().await];
        let mut handed_out = Vec::new();
        for _ in 0..8 {
            table.insert(&rows(20)).await;
            let (a, b, c) = tokio::join!(table.backend.commit(), others[0].commit(), others[1].commit());
            for at in [a, b, c] {
                let at = at.unwrap();
                handed_out.push((at.checkpoint.size, at.checkpoint.root));
            }
        }
        let newest = table.commit().await;
        assert_eq!(newest.rows, 160);
        assert_eq!(table.number("SELECT count(DISTINCT leaf_index) FROM intercepts").await, 160);
        for (size, root) in handed_out {
            let proof = others[0].consistency(size, &newest).await.unwrap();
            verify_consistency(size, &root, newest.checkpoint.size, &newest.checkpoint.root, &proof).unwrap();
        }
        assert_eq!(others[0].vkey(), table.backend.vkey());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_process_goes_on_where_the_last_one_ended() {
    with_both(async |mut table| {
        let first = rows(3);
        table.insert(&first).await;
        let at = table.commit().await;
        table.backend.close().await;
        table.backend = table.another().await;
        table.insert(&rows(2)).await;
        let next = table.commit().await;
        assert_eq!(next.rows, 5);
        let proof = table.backend.consistency(at.checkpoint.size, &next).await.unwrap();
        let (old, new) = (&at.checkpoint, &next.checkpoint);
        verify_consistency(old.size, &old.root, new.size, &new.root, &proof).unwrap();
        let answer = table.ask(by_id(&first[0])).await;
        table.open(&answer).unwrap();
    })
    .await;
}
