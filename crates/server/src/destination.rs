//! Where a registered database may be: not in the server's own network, unless its operator says so.
//!
//! The name is resolved once, every address is looked at, and the connection goes to the address that was looked at, so
//! that a name which resolves otherwise the next time leads nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tokio::net::lookup_host;
use uuid::Uuid;

use crate::{
    refusal::{Answer, Refusal},
    state::Database,
};

/// The port where none is named.
const DEFAULT_PORT: u16 = 5432;

/// Reads an organization's `host[:port]`, with an IPv6 address in brackets.
pub fn parse(org: Uuid, uri: &str, name: &str) -> Option<Database> {
    let (host, port) = match uri.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').map_or(rest.is_empty().then_some(DEFAULT_PORT), |port| port.parse().ok())?)
        }
        // A client that does not write the brackets of an IPv6 address.
        None if uri.parse::<Ipv6Addr>().is_ok() => (uri, DEFAULT_PORT),
        None => {
            let (host, port) =
                uri.split_once(':').map_or((uri, Some(DEFAULT_PORT)), |(host, port)| (host, port.parse().ok()));
            let named = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
            // Anything else could be a socket's path or a part of a connection string.
            (!host.is_empty() && host.len() <= 253 && named).then_some(())?;
            (host, port?)
        }
    };
    let plain = !name.is_empty() && name.len() <= 63 && !name.contains('\0');
    plain.then(|| Database { org, host: host.to_owned(), port, name: name.to_owned() })
}

/// The address to connect to.
pub async fn resolve(database: &Database, private_allowed: bool) -> Answer<IpAddr> {
    let found = lookup_host((database.host.as_str(), database.port)).await;
    let addresses: Vec<_> = found.map(|found| found.map(|at| at.ip()).collect()).unwrap_or_default();
    let first = *addresses.first().ok_or_else(|| Refusal::bad_request("the database's host is not known"))?;
    if !private_allowed && !addresses.iter().all(|address| is_public(*address)) {
        return Err(Refusal::bad_request(
            "the database's host is on a private address: start the server with --allow-private-databases to allow it",
        ));
    }
    Ok(first)
}

/// Whether an address is one of the public internet; what is in doubt is not.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // This network, private, loopback, multicast and reserved with broadcast.
    let local = matches!((a, b, c), (0 | 10 | 127 | 224.., ..) | (172, 16..=31, _) | (192, 168, _));
    // Link-local with the clouds' metadata, carrier-grade NAT, benchmarks.
    let shared = matches!((a, b, c), (169, 254, _) | (100, 64..=127, _) | (198, 18 | 19, _));
    // Protocol assignments, documentation, the old 6to4 relays.
    let other = matches!((a, b, c), (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99));
    !(local || shared || other)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // An IPv4 address within: 6to4 and NAT64.
        [0x2002, high, low, ..] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // Teredo, ORCHID and documentation are in 2001::/16's reserved parts.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is 2000::/3; all else is local, mapped, multicast or not given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.1",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn hosts_are_names_and_addresses_and_nothing_else() {
        let read = |uri| parse(Uuid::nil(), uri, "db").map(|database| (database.host, database.port));
        let is = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("db.example.com"), is("db.example.com", 5432));
        assert_eq!(read("db.example.com:6432"), is("db.example.com", 6432));
        assert_eq!(read("[::1]:6432"), is("::1", 6432));
        assert_eq!(read("::1"), is("::1", 5432));
        for refused in [
            "",
            ":5432",
            "a:b",
            "a:70000",
            "a:1:2",
            "/var/run/postgresql",
            "@socket",
            "a,b",
            "a?host=b",
            "a/b",
            "u@a",
            "a b",
            "[::1",
            "[a]",
            "[::1]x",
            "%2fvar",
            "a\0b",
        ] {
            assert_eq!(read(refused), None, "{refused}");
        }
        let named = |name: &str| parse(Uuid::nil(), "a", name);
        assert!(named("").is_none() && named(&"d".repeat(64)).is_none() && named("d\0").is_none());
    }
}
