//! What random flags and contexts are made of. Flags and contexts draw from the same pools, so that they meet often.

/// Texts of all kinds: empty, cased, blank around, other scripts, marks that rule texts must escape.
pub(crate) const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "no",
    "NO",
    " no ",
    "nor",
    "blåbær",
    "BLÅBÆR",
    "漢字",
    "🫐",
    "🫐x",
    "Straße",
    "STRASSE",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "ΑΣ",
    "ας",
    "İ",
    "i\u{307}",
    "\u{307}",
    "K",
    "\u{212a}",
    "x\"y",
    "\"",
    "\\\"",
    "a\\b",
    "a,b",
    "tab\there",
    "new\nline",
    "null",
    "0",
    "1.2.3",
    "[\"a\"]",
    "or true",
    "production",
    "ends\\",
    "e\u{301}",
    "é",
];

/// Users and sessions.
pub(crate) const IDS: &[&str] = &[
    "u1",
    "u2",
    "u3",
    "u4",
    "u5",
    "u6",
    "u7",
    "u8",
    "u9",
    "u10",
    "u11",
    "u12",
    "U1",
    "42",
    "388",
    "402",
    "503",
    "616",
    "anna@example.com",
    "blåbær",
    "漢字",
    "🫐",
    "",
    " u1",
    "u1 ",
    "00000000-0000-0000-0000-000000000000",
    "a-rather-long-identifier-that-does-not-fit-into-the-buffer-on-the-stack-0123456789-0123456789-0123456789-0123456789-0123456789",
];

/// Numbers, and what looks like numbers, as users have them.
pub(crate) const NUMBERS: &[&str] = &[
    "5",
    "5.0",
    "4",
    "6",
    "-3",
    "0",
    "-0",
    "+5",
    ".5",
    "5.",
    "1e3",
    "1000",
    "0.3",
    "0.30000000000000004",
    "0.1",
    " 5",
    "5 ",
    "",
    "inf",
    "Infinity",
    "-Infinity",
    "NaN",
    "abc",
    "1,0",
    "0x10",
    "1e999",
    "18446744073709551616",
    "٣",
    "5e",
];

/// Numbers operators accept.
pub(crate) const NUMBER_VALUES: &[&str] = &[
    "5",
    "5.0",
    "-3",
    "0",
    "+5",
    "5.",
    "1e3",
    "1E-2",
    "1000",
    "0.3",
    "0.30000000000000004",
    " 5",
    "5\t",
    "007",
    "1e999",
    "18446744073709551616",
    "-1e999",
];

/// What operators on numbers cannot read.
pub(crate) const BAD_NUMBERS: &[&str] = &[
    "", " ", ".5", "abc", "1,0", "Infinity", "inf", "NaN", "5 5", "--5", "1e", "0x10", "٣", "5\n",
    "+", "1.2.3.4",
];

/// Moments as users have them.
pub(crate) const DATES: &[&str] = &[
    "2022-01-29T13:00:00Z",
    "2022-01-29T13:00:00.000Z",
    "2022-01-29T13:00:00.001Z",
    "2022-01-29T14:00:00+01:00",
    "2022-01-29T12:59:59Z",
    "2050-01-01T00:00:00Z",
    "1999-12-31T23:59:59.999999Z",
    "2022-01-29",
    "yesterday",
    "",
    "2022-01-29 13:00:00Z",
    "2022-01-29T13:00:00",
    "2022-02-30T00:00:00Z",
    "1643461200",
];

/// Moments operators accept.
pub(crate) const DATE_VALUES: &[&str] = &[
    "2022-01-29T13:00:00Z",
    "2022-01-29T13:00:00.000Z",
    "2022-01-29T13:00:00.001Z",
    "2022-01-29T14:00:00+01:00",
    "2022-01-29T13:00:00-00:00",
    "2049-12-31T23:59:59.999Z",
    " 1999-12-31T23:59:59Z ",
];

/// What operators on dates cannot read.
pub(crate) const BAD_DATES: &[&str] = &[
    "",
    "2022-01-29",
    "2022-01-29T13:00:00",
    "2022-01-29T13:00:00.12Z",
    "2022-01-29T13:00:00.123456Z",
    "2022-13-01T00:00:00Z",
    "2022-02-30T00:00:00Z",
    "2022-01-29T25:00:00Z",
    "now",
    "2022-01-29T13:00:00+99:00",
    "2022-01-29 13:00:00Z",
    "29.01.2022",
];

/// Versions, and what looks like versions, as users have them.
pub(crate) const VERSIONS: &[&str] = &[
    "1.2.3",
    "1.2.4",
    "1.10.0",
    "2.0.0",
    "0.0.0",
    "1.2.3-alpha",
    "1.2.3-alpha.1",
    "1.2.3-alpha.beta",
    "1.2.3-rc.1",
    "1.2.3-9",
    "1.2.3-10",
    "1.2.3+build",
    "1.2.3-rc.1+build.7",
    "1.2",
    "v1.2.3",
    "=1.2.3",
    " 1.2.3 ",
    "1.02.3",
    "1.2.3-01",
    "1.2.3-",
    "",
    "abc",
    "1.2.3.4",
    "18446744073709551616.0.0",
    "1.2.3-a-very-long-pre-release.20260131",
];

/// Versions operators accept.
pub(crate) const VERSION_VALUES: &[&str] = &[
    "1.2.3",
    "1.2.4",
    "1.10.0",
    "0.0.0",
    "1.2.3-alpha",
    "1.2.3-alpha.1",
    "1.2.3-rc.1",
    "1.2.3-9",
    "1.2.3+build",
    "1.2.3-rc.1+build.007",
    " 1.2.3\t",
    "1.2.3-a-very-long-pre-release.20260131",
];

/// What operators on versions cannot read.
pub(crate) const BAD_VERSIONS: &[&str] = &[
    "",
    "abc",
    "1.2.3.4",
    " v1.2.3",
    "=1.2.3",
    "01.2.3",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3+",
    "1.2.3-a+b+c",
    "1.2.3-ø",
    "18446744073709551616.0.0",
    "1.2.x",
];

/// Values of one kind for operators of another.
pub(crate) const OTHER_KINDS: &[&str] = &["5", "1.2", "1.2.3", "2022-01-29T13:00:00Z", "1e3"];

/// Patterns, good and bad.
pub(crate) const PATTERNS: &[&str] = &[
    "^a", "^u\\d+$", "(?i)NO", "no", "", ".", "^$", "\\p{L}+", "x\"y", "(a+)+$", "\\bno\\b", "å",
    "^.{2}$", "a|b", "[", "a(?=b)", "(a)\\1", "*", "(?P<x", "\\", "a\\\\", "\\\"",
];

/// Addresses as users have them.
pub(crate) const ADDRESSES: &[&str] = &[
    "10.1.2.3",
    "10.2.0.1",
    "10.1.255.255",
    "192.168.0.1",
    "::1",
    "2001:db8::1",
    "2001:DB8:0::1",
    "::ffff:10.1.2.3",
    "10.1.2.3:80",
    "10.1.0.0/24",
    "",
    "localhost",
    "010.1.2.3",
    "255.255.255.255",
    " 10.1.2.3",
    "fe80::1%eth0",
];

/// Ranges, good and bad.
pub(crate) const RANGES: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.3/16",
    "10.1.2.3",
    "192.168.0.0/31",
    "2001:db8::/32",
    "::1",
    "2001:db8::1/0",
    "0.0.0.0/0",
    "10.1.2.3/255.255.0.0",
    "10.0.0.0/255.0.255.0",
    "10.0.0.0/33",
    "10.0.0.0/",
    "/8",
    "10.0.0.0/+8",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    " 10.0.0.0/8",
    "localhost",
    "",
    "::ffff:10.0.0.0/104",
    "2001:db8::/129",
    "2001:db8::/255.0.0.0",
];

/// Fields of the context beside the well-known ones, in the order of [`Kind`].
pub(crate) const PROPERTIES: &[(&str, Kind)] = &[
    ("country", Kind::Text),
    ("blåbær", Kind::Text),
    ("with space", Kind::Text),
    ("", Kind::Text),
    ("tenant", Kind::Id),
    ("random", Kind::Id),
    ("age", Kind::Number),
    ("version", Kind::Version),
    ("when", Kind::Date),
    ("ip", Kind::Address),
    ("esc\\\"aped", Kind::Text),
];

/// Well-known fields.
pub(crate) const ROOTS: &[(&str, Kind)] = &[
    ("userId", Kind::Id),
    ("sessionId", Kind::Id),
    ("remoteAddress", Kind::Address),
    ("environment", Kind::Text),
    ("appName", Kind::Text),
    ("currentTime", Kind::Date),
];

/// What a field holds, most of the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Text,
    Id,
    Number,
    Version,
    Date,
    Address,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Text,
        Self::Id,
        Self::Number,
        Self::Version,
        Self::Date,
        Self::Address,
    ];

    /// Values users have.
    pub(crate) fn pool(self) -> &'static [&'static str] {
        match self {
            Self::Text => TEXTS,
            Self::Id => IDS,
            Self::Number => NUMBERS,
            Self::Version => VERSIONS,
            Self::Date => DATES,
            Self::Address => ADDRESSES,
        }
    }
}

/// Names hosts have.
pub(crate) const HOSTS: &[&str] = &[
    "host-a",
    "HOST-A",
    "host-b",
    "blåbær.example",
    "BLÅBÆR.example",
    "a",
];

/// Names of groups.
pub(crate) const GROUPS: &[&str] = &[
    "g",
    "gr1",
    "AB12A",
    "",
    "gruppe-ø",
    "漢字",
    "a:b",
    "quo\\\"ted",
    "spaced group",
];

/// Percentages: the borders, beyond them, and no numbers at all.
pub(crate) const SHARES: &[&str] = &[
    "0",
    "1",
    "2",
    "13",
    "50",
    "50",
    "73",
    "99",
    "100",
    "100",
    "007",
    "+5",
    "101",
    "150",
    "1000",
    "-1",
    "50.5",
    "",
    "abc",
    " 50",
    "18446744073709551616",
];

/// Weights: nothing, the smallest, the whole, uneven.
pub(crate) const WEIGHTS: &[i32] = &[0, 1, 1, 3, 10, 100, 333, 334, 500, 999, 1000, 1000];
