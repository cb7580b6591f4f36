//! Connections: how many there may be and how long they may take.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::progress::Progress;

/// How long a request's head may take to arrive, and a connection may be idle. A client that sends it drop by drop holds
/// one connection for so long and nothing else.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a client may take nothing of an answer. One that never reads holds one connection for so long.
const READ_TIME: Duration = Duration::from_secs(30);
/// The most connections; more wait in the system's queue until one ends.
const CONNECTIONS: usize = 8_192;
/// The most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// Accepts connections until `closing`, then lets those under way end; whoever has to end earlier aborts this. Fails where
/// the listener accepts nothing any more.
pub async fn listen(listener: TcpListener, router: Router, closing: watch::Receiver<bool>) -> io::Result<()> {
    listen_to(CONNECTIONS, listener, router, closing).await
}

/// Listens to at most so many at once.
async fn listen_to(
    most: usize,
    listener: TcpListener,
    router: Router,
    mut closing: watch::Receiver<bool>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(most));
    // Dropped with this future: connections that do not end in time end with it.
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
            io::Result::Ok((accept(&listener).await?, place))
        };
        let (stream, place) = tokio::select! {
            next = next => next?,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(Progress::new(stream, READ_TIME)), TowerToHyperService::new(router.clone()));
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // What broke off has nobody left to tell.
            let _ = connection.await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// The next connection. Where none can be accepted for want of file descriptors, others have to end first.
async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            // What is said of the listener itself, which is then of no use any more.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Err(error),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Binds and says where.
pub async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let bound = listener.local_addr().map_err(|error| format!("{address}: {error}"))?;
    Ok((listener, bound))
}

/// Waits for the listener to end, and ends it where it does not in time.
pub async fn end(mut listening: tokio::task::JoinHandle<()>, within: Duration) -> bool {
    let ended = timeout(within, &mut listening).await.is_ok();
    if !ended {
        listening.abort();
        let _ = listening.await;
    }
    ended
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_whose_connections_are_all_taken_ends_when_it_is_told_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut only = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (closing, closes) = watch::channel(false);
        let listening = tokio::spawn(listen_to(1, listener, Router::new(), closes));
        only.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        // Answered, so that it has the place.
        assert!(only.read(&mut [0; 1_024]).unwrap() > 0);
        closing.send(true).unwrap();
        timeout(Duration::from_secs(10), listening).await.expect("it ends").unwrap().unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_listener_that_accepts_nothing_any_more_is_an_error_and_no_silence() {
        use std::{net::Shutdown, os::fd::OwnedFd};

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let same = TcpStream::from(OwnedFd::from(listener.try_clone().unwrap()));
        let (_closing, closes) = watch::channel(false);
        let listening = tokio::spawn(listen(TcpListener::from_std(listener).unwrap(), Router::new(), closes));
        same.shutdown(Shutdown::Both).unwrap();
        let ended = timeout(Duration::from_secs(10), listening).await.expect("it ends").unwrap();
        assert!(ended.is_err());
    }
}
