//! The protocol over HTTP.
