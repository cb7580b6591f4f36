//! Holes: places of a reading whose value is not to be seen. (What a row lists as redacted: `redact.rs`.)

use crate::path::{Path, Place, Step};

/// A place whose value is hidden, or nothing but the beginning of it is seen.
#[derive(Debug)]
pub(crate) struct Hole(Path);

impl Hole {
    /// The hole at a normalized path; a place that is not understood hides everything.
    pub(super) fn at(place: &str) -> Self {
        Self(Path::parse(place).ok().filter(|path| path.place().is_some()).unwrap_or_else(Path::root))
    }

    pub(super) fn is_everything(&self) -> bool {
        self.place().0.is_empty()
    }

    pub(crate) fn place(&self) -> Place<'_> {
        self.0.place().unwrap_or(Place(Vec::new()))
    }
}

/// The holes in a body that is found at `root`.
pub(super) fn of_body(redacted: &[String], field: &str, root: &str) -> Vec<Hole> {
    let inside = |path: &str| Hole::at(&format!("{root}{}", path.strip_prefix('$').unwrap_or_default()));
    places(redacted, field).map(inside).collect()
}

/// The holes in headers that are found at `root`.
pub(super) fn of_headers(redacted: &[String], field: &str, root: &str) -> Vec<Hole> {
    let name = |name: &str| Place(vec![Step::Name(name)]).to_string();
    places(redacted, field).map(|header| Hole::at(&format!("{root}{}", &name(header)[1..]))).collect()
}

fn places<'r>(redacted: &'r [String], field: &str) -> impl Iterator<Item = &'r str> {
    redacted
        .iter()
        .filter_map(move |entry| entry.split_once(':').filter(|(kind, _)| *kind == field))
        .map(|(_, place)| place)
}
