//! Where resources beside projects, environments and flags differ from the reference on purpose.

use super::differences::Difference;

const WHOLE: &str =
    "events show a thing as a whole, before and after; the reference shows what the caller sent";
const HANDLES: &str = "secrets are not stored, so lists show handles";
const ONE_FAULT: &str = "the reference adds a second complaint about alternatives that exclude each other, though there is one";
const MORE_OPERATORS: &str = "the list of operators has IN_CIDR, which SDKs evaluate";

pub(super) const DIFFERENCES_OF_RESOURCES: &[Difference] = &[
    Difference {
        file: "10",
        steps: &[19],
        why: MORE_OPERATORS,
    },
    Difference {
        file: "10",
        steps: &[48],
        why: "who may not delete a segment is told which flag uses it",
    },
    Difference {
        file: "10",
        steps: &[52, 53],
        why: "segments of a strategy that is not there, or not in the project named, are refused, not swallowed",
    },
    Difference {
        file: "10",
        steps: &[81],
        why: "follows from a request that the reference swallows and that is refused here",
    },
    Difference {
        file: "11",
        steps: &[44, 57],
        why: "a context field keeps the order it was given; the reference sets it to 0",
    },
    Difference {
        file: "11",
        steps: &[87],
        why: WHOLE,
    },
    Difference {
        file: "11",
        steps: &[95],
        why: "built-in context fields are described in our words",
    },
    Difference {
        file: "12",
        steps: &[89, 105],
        why: MORE_OPERATORS,
    },
    Difference {
        file: "12",
        steps: &[98],
        why: "marks of a constraint that are not set are left out, sent or not",
    },
    Difference {
        file: "12",
        steps: &[101],
        why: "a date without a time switches flags off in some SDKs, so it is saved with one",
    },
    Difference {
        file: "14",
        steps: &[55],
        why: WHOLE,
    },
    Difference {
        file: "15",
        steps: &[33],
        why: "the tag that exists is named",
    },
    Difference {
        file: "15",
        steps: &[78],
        why: "putting on a tag that is on, or taking off one that is not, is no event",
    },
    Difference {
        file: "15",
        steps: &[79],
        why: WHOLE,
    },
    Difference {
        file: "17",
        steps: &[1, 3, 9, 35, 47, 56],
        why: HANDLES,
    },
    Difference {
        file: "17",
        steps: &[14],
        why: "who has all rights can make admin tokens",
    },
    Difference {
        file: "17",
        steps: &[15, 16, 17, 18, 24, 27, 29, 31],
        why: ONE_FAULT,
    },
    Difference {
        file: "17",
        steps: &[49, 51, 52],
        why: "a token that cannot be deleted through a project is answered with the reason, not with nothing",
    },
    Difference {
        file: "17",
        steps: &[68],
        why: WHOLE,
    },
    Difference {
        file: "17",
        steps: &[74, 75],
        why: "there is no page to log in at",
    },
    Difference {
        file: "18",
        steps: &[16, 17, 22],
        why: "built-in context fields are described in our words",
    },
    Difference {
        file: "18",
        steps: &[27, 28, 30],
        why: ONE_FAULT,
    },
    Difference {
        file: "18",
        steps: &[29],
        why: "an empty name is the name of no flag",
    },
    Difference {
        file: "18",
        steps: &[32],
        why: "the event of an export names the flags; a copy of each export would fill the log",
    },
    Difference {
        file: "19",
        steps: &[1],
        why: "admin tokens may import",
    },
    Difference {
        file: "19",
        steps: &[9],
        why: "a context field keeps the order it was given; the reference sets it to 0",
    },
    Difference {
        file: "19",
        steps: &[13],
        why: "dependencies are imported; the reference checks and drops them",
    },
    Difference {
        file: "19",
        steps: &[18],
        why: "only tags that change are told",
    },
    Difference {
        file: "19",
        steps: &[22, 26],
        why: "a description that repeats the message is left out",
    },
    Difference {
        file: "19",
        steps: &[45],
        why: "an import into an environment that is not there is refused; the reference drops what belongs to it",
    },
    Difference {
        file: "20",
        steps: &[14],
        why: "only tags that change are told",
    },
    Difference {
        file: "21",
        steps: &[26, 31],
        why: "a text is searched for in all that is told of an event, its kind and its flag among it",
    },
    Difference {
        file: "23",
        steps: &[1, 3],
        why: "the server tells its own name",
    },
    Difference {
        file: "23",
        steps: &[23],
        why: "the secret of the token that asks is not told",
    },
    Difference {
        file: "17",
        steps: &[71, 72],
        why: "the server tells its own name",
    },
    Difference {
        file: "29",
        steps: &[7],
        why: "built-in strategies are described in our words",
    },
    Difference {
        file: "29",
        steps: &[10, 11],
        why: "who asked for no flag is told to have asked for none; the reference counts one",
    },
    Difference {
        file: "35",
        steps: &[2],
        why: "the file is named after this program",
    },
    Difference {
        file: "28",
        steps: &[2, 5, 10],
        why: "addresses and secrets of addons are not shown to anybody, not even to who sent them; when one was made \
              is told at once",
    },
    Difference {
        file: "28",
        steps: &[9, 11, 12],
        why: "what is wrong with an addon is told",
    },
    Difference {
        file: "25",
        steps: &[17],
        why: "a title that is not given is told as null",
    },
];
