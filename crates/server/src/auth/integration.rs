//! Integration keys: `i-`, the integration's id, how many of its keys were revoked before, and an HMAC of both under the
//! server's secret. The client expects the same key back whenever it asks, and it must not be kept: so it is derived again.
//! And a key that nobody was given is known as such without a look at what is remembered.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Derives integration keys.
pub struct IntegrationKeys(Hmac<Sha256>);

impl IntegrationKeys {
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).expect("a key of any length"))
    }

    /// The integration's key after so many were revoked.
    pub fn of(&self, integration: Uuid, revoked: u32) -> String {
        let mac = self.mac(integration, revoked).finalize().into_bytes();
        format!("i-{}{revoked:08x}{}", integration.simple(), hex::encode(mac))
    }

    /// The integration whose key this is or was, and how many were revoked when it was made.
    pub fn read(&self, key: &str) -> Option<(Uuid, u32)> {
        let (id, rest) = key.strip_prefix("i-")?.split_at_checked(32)?;
        let (revoked, mac) = rest.split_at_checked(8)?;
        let (id, revoked) = (Uuid::try_parse(id).ok()?, u32::from_str_radix(revoked, 16).ok()?);
        // In constant time.
        self.mac(id, revoked).verify_slice(&hex::decode(mac).ok()?).ok()?;
        Some((id, revoked))
    }

    fn mac(&self, integration: Uuid, revoked: u32) -> Hmac<Sha256> {
        self.0.clone().chain_update(integration.as_bytes()).chain_update(revoked.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_whose_it_is_and_any_other_says_nothing() {
        let keys = IntegrationKeys::new("secret");
        let id = Uuid::from_u128(7);
        let key = keys.of(id, 3);
        assert_eq!(keys.read(&key), Some((id, 3)));
        let swapped = format!("i-{}{}", Uuid::from_u128(8).simple(), &key[34..]);
        for forged in [
            IntegrationKeys::new("another").of(id, 3),
            swapped,
            key.replacen("00000003", "00000004", 1),
            key[..key.len() - 2].into(),
            format!("{key}00"),
            key[2..].into(),
            "i-".into(),
            "i-0000".into(),
            "i-é".repeat(40),
        ] {
            assert_eq!(keys.read(&forged), None, "{forged}");
        }
    }
}
