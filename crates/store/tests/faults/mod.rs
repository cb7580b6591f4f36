//! A disk that fails: an SQLite VFS over the platform's own that keeps account of what was synced.
//!
//! - `disk`: what is durable, what is not yet, and what of it a power cut leaves behind
//! - `vfs`: the VFS, which opens and deletes files
//! - `file`: an open file
//! - `random`: numbers that a seed repeats
//!
//! Nothing is really synced, because no power is really cut; that makes the tests fast.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

mod disk;
#[allow(unsafe_code, reason = "SQLite calls a VFS through C function pointers and raw structures")]
mod file;
mod random;
#[allow(unsafe_code, reason = "SQLite calls a VFS through C function pointers and raw structures")]
mod vfs;

pub use disk::{Disk, Fault};
pub use random::Random;
