//! Where users and what belongs to them differ from the reference on purpose.

use super::differences::Difference;

const OWN_WORDS: &str = "told in our words";
const REASON: &str = "why something is refused is told, not swallowed";
const SHOWN_ONCE: &str = "secrets of links are shown once; later a handle stands for them";

pub(super) const DIFFERENCES_OF_ACCOUNTS: &[Difference] = &[
    Difference {
        file: "30",
        steps: &[4],
        why: "who worked on a flag beside the one who made it is not told yet",
    },
    Difference {
        file: "31",
        steps: &[2],
        why: "no mails are sent, so nobody has subscribed to one",
    },
    Difference {
        file: "31",
        steps: &[3, 10],
        why: OWN_WORDS,
    },
    Difference {
        file: "31",
        steps: &[12],
        why: REASON,
    },
    Difference {
        file: "31",
        steps: &[13],
        why: "an admin token is not told its own secret",
    },
    Difference {
        file: "32",
        steps: &[3],
        why: SHOWN_ONCE,
    },
    Difference {
        file: "32",
        steps: &[16],
        why: "sessions of this user are counted; the recorded number was that of its server",
    },
    Difference {
        file: "32",
        steps: &[17, 18],
        why: "there is no page to ask for a link, so people are sent to an administrator",
    },
    Difference {
        file: "33",
        steps: &[6],
        why: "whether an address belongs to somebody is not told to strangers",
    },
    Difference {
        file: "34",
        steps: &[2, 3, 7],
        why: SHOWN_ONCE,
    },
    Difference {
        file: "34",
        steps: &[8, 9, 12],
        why: REASON,
    },
];
