//! How many rounds a second a server on this machine answers, with `PostgreSQL` and the client on the same cores. A round:
//! POST a query, GET its record, POST its verification, of one committed row.
//!
//! `cargo run --release -p vouchsafe-server --example rounds [rounds [windows of 10,000 requests]]`
//!
//! - `client`: an HTTP client that costs little
//! - `setup`: a cluster, a server, a table with committed rows

mod client;
mod setup;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use client::Client;
use setup::Setup;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{interval, sleep},
};

/// Connections that are kept alive.
const CONNECTIONS: usize = 64;

#[tokio::main]
async fn main() {
    let argument = |at, other| std::env::args().nth(at).map_or(other, |number| number.parse().expect("a number"));
    let (rounds, windows) = (argument(1, 20_000), argument(2, 10));
    let setup = Arc::new(match Setup::start().await {
        Ok(setup) => setup,
        Err(reason) => return eprintln!("skipped: {reason}"),
    });
    run(&setup, rounds / 10).await;
    println!("64 connections:                        {}", run(&setup, rounds).await);
    {
        let mut idle = Vec::new();
        for _ in 0..1_000 {
            idle.push(TcpStream::connect(setup.address()).await.expect("a connection"));
        }
        let slow = tokio::spawn(slow_loris(Arc::clone(&setup)));
        println!("with 1,000 idle ones and a slow loris: {}", run(&setup, rounds).await);
        slow.abort();
    }
    let mut seen = Vec::new();
    for _ in 0..windows {
        run(&setup, 3_334).await;
        seen.push(format!("{:.1}", resident_mib()));
    }
    println!("MiB resident, each 10,000 requests:    {}", seen.join(" "));
}

/// A hundred connections on each of which a byte comes now and then.
async fn slow_loris(setup: Arc<Setup>) {
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(setup.address()).await.expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nx-slow: ").await.expect("sent");
        slow.push(stream);
    }
    let mut ticks = interval(Duration::from_millis(100));
    loop {
        ticks.tick().await;
        for stream in &mut slow {
            let _ = stream.write_all(b"a").await;
        }
    }
}

/// What a run came to.
struct Figures {
    per_second: f64,
    /// What a round cost server and client together, without `PostgreSQL`.
    cpu: Duration,
    p50: Duration,
    p99: Duration,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Self { per_second, cpu, p50, p99 } = self;
        let ms = |time: &Duration| time.as_secs_f64() * 1_000.0;
        let memory = resident_mib();
        write!(formatter, "{per_second:.0} rounds/s, p50 {:.1} ms, p99 {:.1} ms, ", ms(p50), ms(p99))?;
        write!(formatter, "{} µs of CPU a round, {memory:.1} MiB", cpu.as_micros())
    }
}

async fn run(setup: &Arc<Setup>, rounds: usize) -> Figures {
    let left = Arc::new(AtomicUsize::new(rounds));
    let (begun, cpu) = (Instant::now(), cpu_time());
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (setup, left) = (Arc::clone(setup), Arc::clone(&left));
            tokio::spawn(async move {
                let mut client = Client::connect(setup.address()).await;
                let mut took = Vec::new();
                while let Ok(left) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                {
                    let begun = Instant::now();
                    setup.round(&mut client, left).await;
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::with_capacity(rounds);
    for worker in workers {
        took.extend(worker.await.expect("every round is answered"));
    }
    let (elapsed, cpu) = (begun.elapsed(), cpu_time().saturating_sub(cpu));
    took.sort_unstable();
    // So that what a run leaves behind is not counted as the next one's.
    sleep(Duration::from_millis(10)).await;
    #[allow(clippy::cast_precision_loss, reason = "a few thousand rounds")]
    let per_second = rounds as f64 / elapsed.as_secs_f64();
    let cpu = cpu / u32::try_from(rounds).expect("a few thousand rounds");
    Figures { per_second, cpu, p50: took[rounds / 2], p99: took[rounds * 99 / 100] }
}

/// The time that this process has had on a core; `/proc` counts it in hundredths of a second.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = after_name.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The memory that this process has; the client's part of it is small.
fn resident_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or(f64::NAN) / 1024.0
}
