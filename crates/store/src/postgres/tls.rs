//! Which server certificates are taken.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

use crate::StoreError;

/// How the server has to prove itself.
#[derive(Debug)]
pub(super) enum TlsMode {
    /// There is no TLS.
    Off,
    /// Not at all: TLS keeps out who only listens.
    Any,
    /// By a certificate under these roots, whatever name it is for.
    Chain(Roots),
    /// By a certificate under these roots for the host's name.
    Full(Roots),
}

/// The certificates that others are trusted by.
#[derive(Debug)]
pub(super) enum Roots {
    /// A PEM file.
    File(PathBuf),
    /// Those that this machine's owner trusts.
    System,
}

impl TlsMode {
    /// What rustls needs to know.
    pub fn client_config(&self) -> Result<ClientConfig, StoreError> {
        let provider = Arc::new(ring::default_provider());
        let (roots, check_name) = match self {
            Self::Off | Self::Any => (None, false),
            Self::Chain(roots) => (Some(roots.read()?), false),
            Self::Full(roots) => (Some(roots.read()?), true),
        };
        let chain = match &roots {
            None => None,
            Some(certificates) => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(certificates.iter().cloned());
                let built = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build();
                Some(built.map_err(|error| StoreError::Refused(format!("sslrootcert: {error}")))?)
            }
        };
        let verifier = Verifier { chain, roots: roots.unwrap_or_default(), check_name, provider: provider.clone() };
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows the versions that rustls takes for safe")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }
}

impl Roots {
    fn read(&self) -> Result<Vec<CertificateDer<'static>>, StoreError> {
        match self {
            Self::File(path) => {
                let unusable =
                    |why: &dyn std::fmt::Display| StoreError::Refused(format!("sslrootcert {}: {why}", path.display()));
                let certificates = CertificateDer::pem_file_iter(path)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .map_err(|error| unusable(&error))?;
                if certificates.is_empty() { Err(unusable(&"there is no certificate in it")) } else { Ok(certificates) }
            }
            Self::System => Ok(rustls_native_certs::load_native_certs().certs),
        }
    }
}

/// libpq's rules over rustls's checks.
#[derive(Debug)]
struct Verifier {
    /// None takes any certificate.
    chain: Option<Arc<WebPkiServerVerifier>>,
    roots: Vec<CertificateDer<'static>>,
    check_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext, Other};
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) if !self.check_name => {
                Ok(ServerCertVerified::assertion())
            }
            // A certificate that signed itself is a root and the server's own at once, which webpki does not take. It is
            // known byte by byte; of what webpki looks at, only its dates come before this, and its name is looked at here.
            Err(Error::InvalidCertificate(Other(_))) if self.roots.contains(end_entity) => {
                if self.check_name {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
