//! `timestamp` columns, read as UTC.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked};

/// 2000-01-01, where Postgres begins to count, in µs since 1970.
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;

/// A time in µs since 1970. An earlier one, and `-infinity`, reads as 1970: no row, whoever wrote it, may keep others from
/// being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp(pub u64);

impl<'a> FromSql<'a> for Timestamp {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let us = i64::from_be_bytes(raw.try_into()?).saturating_add(POSTGRES_EPOCH_US);
        Ok(Self(u64::try_from(us).unwrap_or(0)))
    }

    accepts!(TIMESTAMP);
}

/// A `timestamp` as it is in the table, whatever that means: to go on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact(i64);

impl<'a> FromSql<'a> for Exact {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(i64::from_be_bytes(raw.try_into()?)))
    }

    accepts!(TIMESTAMP);
}

impl ToSql for Exact {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMP);
    to_sql_checked!();
}

/// A time in µs since 1970 as the driver writes it; beyond 63 bits it is the last one within.
pub(super) fn system_time(us: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(us.min(i64::MAX.unsigned_abs()))
}
