//! The cluster that other tests rely on.

use std::net::TcpStream;
use vouchsafe_pg_test::Cluster;

#[test]
fn a_cluster_answers_until_it_is_stopped_and_again_when_it_is_started_again() {
    let Ok(cluster) = Cluster::start() else { return };
    let answers = || TcpStream::connect(("127.0.0.1", cluster.port())).is_ok();
    assert!(answers());
    let first = cluster.create_database();
    cluster.stop();
    assert!(!answers());
    cluster.start_again().unwrap();
    assert!(answers());
    cluster.crash();
    assert!(!answers());
    cluster.start_again().unwrap();
    assert_ne!(cluster.create_database(), first);
    drop(cluster);
}

#[test]
fn tests_of_one_process_share_a_cluster_and_have_databases_of_their_own() {
    let Some(cluster) = Cluster::shared() else { return };
    assert_eq!(Cluster::shared().unwrap().port(), cluster.port());
    assert_ne!(cluster.create_database(), cluster.create_database());
}
