//! Reading once what several claims look at.

use super::{Reading, Unreadable, read};
use crate::claim::Part;
use crate::exchange::Fields;
use crate::row::Row;
use std::cell::OnceCell;

/// What was read of one exchange so far, part by part. It takes many times the size of the bytes.
#[derive(Debug, Default)]
pub struct Readings([OnceCell<Result<Reading, Unreadable>>; 4]);

impl Readings {
    /// The part of this exchange, which must be the same each time.
    pub(crate) fn get(&self, part: Part, row: &Row, fields: &Fields) -> Result<&Reading, &Unreadable> {
        self.0[part as usize].get_or_init(|| read(part, row, fields)).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Body, Exchange};
    use crate::prepare::prepare;
    use crate::redact::RedactionRules;
    use crate::row::{Kind, Source};

    #[test]
    fn each_part_is_read_once() {
        let response = Body { bytes: b"[1]".to_vec(), wire_length: 3, ..Body::default() };
        let exchange = Exchange {
            status: Some(200),
            response: Some(response),
            response_headers: Some("content-type: application/json\n".to_owned()),
            ..Exchange::new(Kind::Http, Source::Tap, 1, 2)
        };
        let prepared = prepare(exchange, &RedactionRules::default(), 1 << 20);
        let readings = Readings::default();
        let get = |part| readings.get(part, &prepared.row, &prepared.fields).expect("it is readable");
        for part in [Part::Body, Part::Status, Part::Headers, Part::Request] {
            assert!(std::ptr::eq(get(part), get(part)));
            assert_eq!(get(part).value, read(part, &prepared.row, &prepared.fields).expect("it is readable").value);
        }
    }
}
