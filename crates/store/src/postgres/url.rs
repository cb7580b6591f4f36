//! What a URL asks for, as libpq reads it (PostgreSQL's manual, "Parameter Key Words").

use std::{path::PathBuf, time::Duration};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

use super::tls::{Roots, TlsMode};
use crate::StoreError;

/// How long one attempt to connect may take, where the URL does not say.
const CONNECT: Duration = Duration::from_secs(10);
/// A peer that is gone without a word is noticed after about this long.
const SILENCE: Duration = Duration::from_secs(30);

/// Where to connect to, as whom, and how the server has to prove itself.
pub(super) struct Target {
    pub config: Config,
    pub tls: TlsMode,
}

impl Target {
    /// Reads `postgres://` and `postgresql://`, also with a driver's name behind a plus sign, as SQLAlchemy writes it.
    pub fn read(url: &str) -> Result<Self, StoreError> {
        // Whatever cannot be read may be a part of the password: no error repeats it.
        let unreadable = || {
            StoreError::Refused(
                "the URL cannot be read: it has to be postgres://user:password@host:port/database, with @ : / ? # % in \
                 the password percent-encoded"
                    .into(),
            )
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(unreadable)?;
        if !matches!(scheme.split_once('+').map_or(scheme, |(scheme, _)| scheme), "postgres" | "postgresql") {
            return Err(unreadable());
        }
        let (place, query) = split_query(rest);
        let (mut mode, mut root, mut others) = ("prefer".to_owned(), None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(unreadable)?;
            let value = || percent_decode_str(value).decode_utf8().map(String::from).map_err(|_| unreadable());
            match name {
                "sslmode" => mode = value()?,
                "sslrootcert" => root = Some(value()?),
                _ => others.push(pair),
            }
        }
        let mut config: Config =
            format!("postgres://{place}?{}", others.join("&")).parse().map_err(|_| unreadable())?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("vouchsafe");
        }
        config.keepalives_idle(SILENCE / 3).keepalives_interval(SILENCE / 6).keepalives_retries(4);
        config.tcp_user_timeout(SILENCE);
        let tls = tls_mode(&mode, root)?;
        // libpq: a Unix socket knows no TLS, whatever the mode says.
        let is_local =
            !config.get_hosts().is_empty() && config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
        config.ssl_mode(match tls {
            TlsMode::Off => SslMode::Disable,
            _ if is_local => SslMode::Disable,
            _ if matches!(mode.as_str(), "allow" | "prefer") => SslMode::Prefer,
            _ => SslMode::Require,
        });
        Ok(Self { config, tls })
    }

    /// `host:port/database`, for errors.
    pub fn name(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".into(),
        };
        let port = self.config.get_ports().first().unwrap_or(&5432);
        let user = self.config.get_user().unwrap_or_default();
        format!("{host}:{port}/{}", self.config.get_dbname().unwrap_or(user))
    }
}

/// The query begins at the first question mark behind user and password.
fn split_query(rest: &str) -> (&str, &str) {
    let behind_user = rest.rfind('@').map_or(0, |at| at + 1);
    match rest[behind_user..].find('?') {
        Some(at) => (&rest[..behind_user + at], &rest[behind_user + at + 1..]),
        None => (rest, ""),
    }
}

fn tls_mode(mode: &str, root: Option<String>) -> Result<TlsMode, StoreError> {
    let roots = match root {
        Some(root) if root == "system" => Some(Roots::System),
        Some(root) => Some(Roots::File(PathBuf::from(root))),
        None => {
            std::env::home_dir().map(|home| home.join(".postgresql/root.crt")).filter(|at| at.exists()).map(Roots::File)
        }
    };
    match (mode, roots) {
        ("disable", _) => Ok(TlsMode::Off),
        ("verify-full", Some(roots)) => Ok(TlsMode::Full(roots)),
        // libpq: with the system's roots anybody can have a certificate, so that only the name tells servers apart.
        (_, Some(Roots::System)) => Err(StoreError::Refused("sslrootcert=system needs sslmode=verify-full".into())),
        ("verify-ca" | "allow" | "prefer" | "require", Some(roots)) => Ok(TlsMode::Chain(roots)),
        ("allow" | "prefer" | "require", None) => Ok(TlsMode::Any),
        ("verify-ca" | "verify-full", None) => Err(StoreError::Refused(format!(
            "sslmode={mode} needs sslrootcert: the path of a PEM file, or `system` for this machine's own roots"
        ))),
        _ => Err(StoreError::Refused(
            "sslmode is none of disable, allow, prefer, require, verify-ca and verify-full".into(),
        )),
    }
}
