//! Passwords: the rules they must keep, hashing and comparing. Slow on purpose: call these outside of the threads that
//! answer requests.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Algorithm, Argon2, Params, Version};

use super::tokens::{Secret, random_bytes};
use crate::domain::instance::HashKey;
use crate::domain::user::PasswordHash;

/// The fewest characters of a password.
const SHORTEST: usize = 10;
/// The most bytes; more would let strangers keep the machine busy.
const LONGEST: usize = 1024;

/// Which rules a password breaks, in words for the person who chose it. Empty: it will do.
#[must_use]
pub fn broken_rules(password: &str) -> Vec<&'static str> {
    let has = |class: fn(char) -> bool| password.chars().any(class);
    let rules = [
        (
            password.chars().count() >= SHORTEST,
            "The password must be at least 10 characters long.",
        ),
        (
            password.len() <= LONGEST,
            "The password must be at most 1024 bytes long.",
        ),
        (
            has(char::is_lowercase),
            "The password must contain at least one lowercase letter.",
        ),
        (
            has(char::is_uppercase),
            "The password must contain at least one uppercase letter.",
        ),
        (
            has(char::is_numeric),
            "The password must contain at least one number.",
        ),
        (
            has(|it| !it.is_alphanumeric()),
            "The password must contain at least one special character.",
        ),
    ];
    let broken = rules.into_iter().filter(|(kept, _)| !kept);
    broken.map(|(_, rule)| rule).collect()
}

/// A password that keeps all rules.
#[must_use]
pub fn generate() -> Secret {
    let digits = random_bytes::<12>();
    let text = digits.iter().fold(String::from("Bg-"), |text, byte| {
        text + &format!("{byte:02x}")
    });
    Secret::new(text + "A1")
}

/// Argon2id with the instance's key as well as a salt: a stolen file of hashes is of no use without the key.
fn hasher(key: &HashKey) -> Option<Argon2<'_>> {
    // What OWASP recommends: 19 MiB, two passes.
    let params = Params::new(19_456, 2, 1, None).ok()?;
    Argon2::new_with_secret(key.expose(), Algorithm::Argon2id, Version::V0x13, params).ok()
}

/// Hashes a password with a salt of its own. None only when it is too long to be one.
#[must_use]
pub fn hash(key: &HashKey, password: &str) -> Option<PasswordHash> {
    if password.len() > LONGEST {
        return None;
    }
    let salt = random_bytes::<16>();
    let hash: phc::PasswordHash = hasher(key)?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .ok()?;
    Some(PasswordHash::new(hash.to_string()))
}

/// Whether the hash is of this password.
#[must_use]
pub fn matches(key: &HashKey, password: &str, hash: &PasswordHash) -> bool {
    let known = phc::PasswordHash::new(hash.expose());
    let (Some(hasher), Ok(known)) = (hasher(key), known) else {
        return false;
    };
    password.len() <= LONGEST && hasher.verify_password(password.as_bytes(), &known).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_match_their_own_hash_and_no_other() {
        let [key, other] = [1, 2].map(|byte| HashKey::new([byte; 32]));
        let known = hash(&key, "Abc.12345678").unwrap();
        assert!(
            known
                .expose()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert!(matches(&key, "Abc.12345678", &known));
        assert!(!matches(&key, "abc.12345678", &known));
        assert!(!matches(&other, "Abc.12345678", &known));
        assert_ne!(hash(&key, "Abc.12345678").unwrap(), known);
        assert!(hash(&key, &"x".repeat(LONGEST + 1)).is_none());
        assert!(!matches(&key, "", &PasswordHash::new(String::new())));
    }

    #[test]
    fn rules_name_what_is_missing() {
        assert_eq!(broken_rules("Abc.12345678"), [""; 0]);
        assert_eq!(broken_rules(generate().expose()), [""; 0]);
        assert_eq!(broken_rules("x").len(), 4);
        assert_eq!(
            broken_rules("abcdefghijK1"),
            ["The password must contain at least one special character."]
        );
    }
}
