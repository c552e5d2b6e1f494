//! Certificates of an authority that only this test knows.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Where the certificates are. The authority's goes to clients.
#[derive(Debug)]
pub(super) struct Certificates {
    pub(super) authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificates {
    /// Makes an authority and a certificate for loopback signed by it.
    pub(super) fn make(directory: &Path) -> Self {
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
            let path = directory.join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        Self {
            authority: file("ca.pem", its_certificate.pem()),
            certificate: file("certificate.pem", certificate.pem()),
            key: file("key.pem", key.serialize_pem()),
        }
    }

    /// Lines of the server's configuration that use them.
    pub(super) fn lines(&self) -> [String; 4] {
        [
            format!("tls-ca-cert-file {}", self.authority.display()),
            format!("tls-cert-file {}", self.certificate.display()),
            format!("tls-key-file {}", self.key.display()),
            "tls-auth-clients no".to_owned(),
        ]
    }
}
