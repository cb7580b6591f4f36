//! What the server and the driver say, as a store's error.
//!
//! Of what a server says only the code is kept, in a sentence of our own: its messages repeat values of rows, and whoever
//! owns the database writes some of them (`RAISE`).

use std::{error::Error, io};

use deadpool_postgres::{HookError, PoolError};

use crate::StoreError;

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(db) = error.as_db_error() {
            return from_server(db.code().code());
        }
        let what = error.to_string();
        let causes: Vec<&dyn Error> = std::iter::successors(error.source(), |cause| (*cause).source()).collect();
        let why =
            [what.clone()].into_iter().chain(causes.iter().map(ToString::to_string)).collect::<Vec<_>>().join(": ");
        let says = |words: &[&str]| words.iter().any(|word| what.contains(word));
        if causes.iter().any(|cause| is_certificate(*cause)) {
            Self::Refused(why)
        } else if error.is_closed() || causes.iter().any(|cause| cause.is::<io::Error>()) {
            Self::Unavailable(why)
        } else if says(&["deserializing"]) {
            Self::Corrupt(why)
        } else if says(&["TLS", "authentication", "configuration"]) {
            Self::Refused(why)
        } else if says(&["connecting to server", "waiting for server"]) {
            Self::Unavailable(why)
        } else {
            Self::Io(why)
        }
    }
}

/// Whether rustls has something against the server's certificate, which it says in an I/O error.
fn is_certificate(cause: &(dyn Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

/// By the code's class (PostgreSQL's manual, appendix A).
fn from_server(code: &str) -> StoreError {
    // A server may send anything for a code.
    let is_code = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if is_code { code } else { "?????" };
    let said = |what: &str| format!("{what} (SQLSTATE {code})");
    match (&code[..2], code) {
        // Deadlock, serialization failure, a lock that was not to be had.
        (_, "40001" | "40P01" | "55P03") => StoreError::Locked(said("another client of the database")),
        (_, "53100") => StoreError::Full(said("the database server has no space left")),
        (_, "57014") => StoreError::Unavailable(said("the statement took too long")),
        // Connection lost, resources short, the server is stopping or starting; and statements that this connection has
        // prepared and that mean nothing any more, as behind a pooler or after somebody changed the table.
        ("08" | "53" | "57", _) | (_, "25P03" | "26000" | "0A000") => {
            StoreError::Unavailable(said("the database server ends the connection"))
        }
        // Who we are, what we may, what is not there, a standby, a constraint of the table's owner.
        (_, "28P01") => StoreError::Refused(said("password authentication failed")),
        ("28", _) => StoreError::Refused(said("the role may not log in")),
        ("3D", _) => StoreError::Refused(said("there is no such database")),
        ("3F", _) => StoreError::Refused(said("there is no such schema")),
        (_, "42501") => StoreError::Refused(said("permission denied: the role lacks a right")),
        (_, "42P01" | "42703") => StoreError::Refused(said("a table or a column is missing")),
        (_, "25006") => StoreError::Refused(said("the database is read-only")),
        ("23", _) => StoreError::Refused(said("a constraint of the table is violated")),
        ("XX", "XX001" | "XX002") => StoreError::Corrupt(said("the database server says that its data is damaged")),
        _ => StoreError::Io(said("the database server refuses the statement")),
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_none_breaks_nothing_and_is_not_repeated() {
        for hostile in ["", "4", "\u{e9}", "4\u{e9}", "Xq7-secret", "\u{1f512}\u{1f512}", "4200\n"] {
            let error = from_server(hostile);
            assert_eq!(error.code(), "STORE_IO");
            assert!(error.to_string().contains("?????") && !error.to_string().contains("Xq7"), "{error}");
        }
        assert_eq!(from_server("57P01").code(), "STORE_UNAVAILABLE");
    }
}
