//! The binding: conversions between JavaScript and the engine, nothing else.
//!
//! - `engine`: the class that JavaScript holds, one a share in an engine
//! - `record`, `text`: one finished exchange, positional
//! - `token`: a bearer token that JavaScript makes
//! - `error`: expected failures, which cross as data
//! - `folder`: a folder looked at from outside
//! - `offline`: what needs no engine
//! - `archive`: a folder's whole log
//! - `serve`: the protocol's server

#![allow(missing_docs, reason = "napi's generated items; what is written here is documented")]
#![allow(clippy::unused_async, reason = "async is what takes work off the JavaScript thread")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build, and there are no tests here"))]
#![allow(clippy::needless_pass_by_value, reason = "napi hands over owned values")]

mod archive;
mod engine;
mod error;
mod folder;
mod offline;
mod record;
mod serve;
mod text;
mod token;
