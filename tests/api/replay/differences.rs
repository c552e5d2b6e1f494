//! Where we answer otherwise than the reference, and why. `docs/differences.md` tells the same at length.

use super::compare::Aspect;

/// In all answers.
pub(super) const GENERAL: &[(&str, &str)] = &[
    (
        "access-control-allow-credentials",
        "not sent with `*`: browsers ignore the pair, and it would let every page act",
    ),
    (
        "ctr-dep-child-needs-off",
        "a parent that is switched off is off, as in the SDKs",
    ),
];

/// Whether the difference is one of [`GENERAL`].
pub(super) fn is_general(aspect: &Aspect) -> bool {
    let name = match aspect {
        Aspect::Header(name) => name,
        Aspect::Toggle(name) => name.as_str(),
        Aspect::Status | Aspect::Body => return false,
    };
    GENERAL.iter().any(|(known, _)| *known == name)
}

const PARSER: &str = "the text of the JSON parser is our parser's";
const AUTH_FIRST: &str = "strangers are refused before their body is read";
const LIMIT: &str = "bodies may have 10 MiB: reports of real SDKs exceed 100 kB";
const NO_PAGE: &str =
    "paths outside the API are answered with JSON, not with the page of the console";
const NO_ISSUING: &str = "only commercial Edge asks for tokens";
const FROM_EDGE: &str = "served as Edge does: old clients and the PHP SDK ask for it";
const NUMBERS: &str = "the numbers are those of this node; families have the reference's names where the fact is the same";
const SPACING: &str = "no empty lines, and labels in one order: Prometheus reads the same";
const NO_USERS: &str =
    "recorded with a session of the reference; tokens of users are compared elsewhere";
const ADMIN_TOKENS: &str = "whoever may do everything may make admin tokens";
const ALIAS: &str = "second secrets are kept as hashes, so they cannot be shown";
const ONE_OF: &str = "the schema says once what is missing";
const BY_HAND: &str =
    "the third environment was put into the reference's database by hand and is not listed there";
const LIST: &str =
    "a user given twice sticks to one variant as to one rollout: by the text of the list";
const NAME: &str = "our name is Burgee, and there is no sign-in page";

/// Answered otherwise.
pub(super) const DIFFERENT: &[(u16, &str)] = &[
    (63, NAME),
    (77, ADMIN_TOKENS),
    (81, ONE_OF),
    (84, ALIAS),
    (85, NO_USERS),
    (88, NO_USERS),
    (89, BY_HAND),
    (100, PARSER),
    (105, LIMIT),
    (107, AUTH_FIRST),
    (111, LIMIT),
    (146, LIST),
    (167, PARSER),
    (179, FROM_EDGE),
    (180, FROM_EDGE),
    (181, FROM_EDGE),
    (183, FROM_EDGE),
    (198, NO_PAGE),
    (200, NO_ISSUING),
    (201, NO_ISSUING),
    (202, NO_ISSUING),
    (203, NO_ISSUING),
    (204, NO_PAGE),
    (208, NUMBERS),
    (209, SPACING),
    (210, NO_PAGE),
    (211, NAME),
    (212, NO_PAGE),
];

const SECURE: &str =
    "the reference's other form of tokens, behind a flag; ours are hashed in all forms";
const ISSUING: &str = "recorded with the secrets of commercial Edge";
const NO_LIMIT: &str = "recorded with a low rate limit; we have none";
const NO_SWITCH: &str = "recorded with usage switched off; there is no such switch";

/// Not sent: recorded with settings of the reference that have no counterpart here.
pub(super) const NOT_SENT: &[(u16, &str)] = &[
    (301, SECURE),
    (302, SECURE),
    (303, SECURE),
    (304, SECURE),
    (305, ISSUING),
    (306, ISSUING),
    (307, ISSUING),
    (308, ISSUING),
    (309, ISSUING),
    (310, NO_LIMIT),
    (321, NO_SWITCH),
    (322, NO_SWITCH),
    (323, NO_SWITCH),
];

/// Flags that depend on chance in a case, because the request names no session or no tenant.
pub(super) const RANDOM_FLAGS: &[(u16, &[&str])] = &[
    (140, NOBODY),
    (145, &["ctr-var-sticky-tenant"]),
    (162, NOBODY),
    (163, NOBODY),
];

/// Without a user and a session.
const NOBODY: &[&str] = &[
    "ctr-05-flex-default-50",
    "ctr-07-flex-sessionid-50",
    "ctr-13-grad-sessionid-50",
    "ctr-var-payloads",
    "ctr-var-sticky-tenant",
];
