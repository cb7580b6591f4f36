//! A string or nothing, read with one call into the engine of JavaScript where napi's own conversions need three.
//!
//! `record` takes a dozen of these for each exchange, on the thread that the user's program runs on.

#![allow(unsafe_code, reason = "reads a value through Node-API, whose contract is stated at each call")]

use std::{mem::MaybeUninit, ptr};

use napi::{
    Error, Result, Status,
    bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue},
    sys,
};

/// What fits is copied once, from the stack; longer texts are measured and read again.
const ON_STACK: usize = 2_048;

/// `string | null`.
pub struct Text(pub Option<String>);

impl TypeName for Text {
    fn type_name() -> &'static str {
        "string | null"
    }

    fn value_type() -> napi::ValueType {
        napi::ValueType::String
    }
}

impl ValidateNapiValue for Text {}

impl FromNapiValue for Text {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut buffer = [const { MaybeUninit::<u8>::uninit() }; ON_STACK];
        let mut length = 0;
        // SAFETY: napi hands over a live environment and value; at most ON_STACK bytes are written, the last a zero.
        let status = unsafe {
            sys::napi_get_value_string_utf8(env, value, buffer.as_mut_ptr().cast(), ON_STACK, &raw mut length)
        };
        match status {
            sys::Status::napi_string_expected => Ok(Self(None)),
            // A text cut on a character's boundary may be up to three bytes short of the buffer.
            // SAFETY: that many bytes have been written.
            sys::Status::napi_ok if length < ON_STACK - 4 => text(unsafe { buffer[..length].assume_init_ref() }),
            // SAFETY: as above.
            sys::Status::napi_ok => unsafe { long(env, value) },
            _ => Err(Error::from_status(Status::from(status))),
        }
    }
}

unsafe fn long(env: sys::napi_env, value: sys::napi_value) -> Result<Text> {
    let mut length = 0;
    // SAFETY: without a buffer only the length is told.
    unsafe { sys::napi_get_value_string_utf8(env, value, ptr::null_mut(), 0, &raw mut length) };
    let mut buffer = vec![0u8; length + 1];
    // SAFETY: the buffer is as long as it says.
    unsafe { sys::napi_get_value_string_utf8(env, value, buffer.as_mut_ptr().cast(), length + 1, &raw mut length) };
    text(&buffer[..length])
}

fn text(utf8: &[u8]) -> Result<Text> {
    // Node-API writes U+FFFD for lone surrogates, so this is UTF-8.
    match std::str::from_utf8(utf8) {
        Ok(text) => Ok(Text(Some(text.to_owned()))),
        Err(error) => Err(Error::new(Status::StringExpected, error.to_string())),
    }
}
