//! Export, proof files and audit of whole logs.
//!
//! - `forge`: a store that the tests sign themselves, map roots included
//! - `findings`: what is changed behind the library's back, and the one finding that it is
//! - `history`: seals, maps and histories that were signed wrongly
//! - `export`: folders of tlog-tiles
//! - `proof_file`: a row's proof as a file

mod export;
mod findings;
mod forge;
mod history;
mod proof_file;
