//! Certificates of an authority that only this test knows.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// Where the certificates are. The authority's goes to clients. Clones are the same certificates.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    pub(super) authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    _directory: Arc<TempDir>,
}

impl Certificates {
    /// Makes an authority and a certificate for loopback signed by it.
    pub(super) fn make() -> Self {
        let directory = tempfile::Builder::new().prefix("tls-").tempdir().unwrap();
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(DnType::CommonName, "the authority of a test");
        let its_certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate().unwrap();
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names).unwrap();
        let certificate = certificate.signed_by(&key, &issuer).unwrap();

        let file = |name: &str, content: String| {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        Self {
            authority: file("ca.pem", its_certificate.pem()),
            certificate: file("certificate.pem", certificate.pem()),
            key: file("key.pem", key.serialize_pem()),
            _directory: Arc::new(directory),
        }
    }

    /// Lines of the server's configuration that use them, also among servers.
    pub(super) fn lines(&self) -> [String; 5] {
        [
            format!("tls-ca-cert-file {}", self.authority.display()),
            format!("tls-cert-file {}", self.certificate.display()),
            format!("tls-key-file {}", self.key.display()),
            "tls-auth-clients no".to_owned(),
            "tls-replication yes".to_owned(),
        ]
    }
}
