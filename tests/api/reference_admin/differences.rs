//! Where we differ from the reference on purpose. `docs/differences-admin.md` tells operators.

/// Steps of one scenario that differ for one reason.
pub(super) struct Difference {
    /// How the file's name begins.
    pub(super) file: &'static str,
    /// The steps, counted from 1.
    pub(super) steps: &'static [usize],
    /// Why it is better so.
    pub(super) why: &'static str,
}

/// What is sent after a step in which we differ, so that the scenario goes on as it did on the reference.
pub(super) struct Amends {
    /// How the file's name begins.
    pub(super) file: &'static str,
    /// The step, counted from 1.
    pub(super) step: usize,
    /// Method, path and, where there is one, body.
    pub(super) request: (&'static str, &'static str, &'static str),
}

const STRATEGIES: &str =
    "/api/admin/projects/default/features/adm-str-a/environments/development/strategies";
const ROLLOUT: &str = r#"{"name":"flexibleRollout","parameters":{"rollout":"0"}}"#;

pub(super) const AMENDS: &[Amends] = &[
    Amends {
        file: "04",
        step: 12,
        request: ("POST", STRATEGIES, ROLLOUT),
    },
    Amends {
        file: "04",
        step: 13,
        request: ("POST", STRATEGIES, ROLLOUT),
    },
    Amends {
        file: "04",
        step: 14,
        request: ("POST", STRATEGIES, ROLLOUT),
    },
    Amends {
        file: "08",
        step: 3,
        request: (
            "PUT",
            "/api/admin/projects/default/features/adm-evar-a/environments/development/variants",
            "[]",
        ),
    },
    Amends {
        file: "08",
        step: 17,
        request: (
            "PUT",
            "/api/admin/projects/default/features/adm-evar-a/variants",
            "[]",
        ),
    },
    Amends {
        file: "09",
        step: 26,
        request: ("DELETE", "/api/admin/environments/x", ""),
    },
    Amends {
        file: "09",
        step: 27,
        request: (
            "PUT",
            "/api/admin/environments/update/development",
            r#"{"type":"development"}"#,
        ),
    },
    Amends {
        file: "09",
        step: 30,
        request: ("DELETE", "/api/admin/projects/default/environments/x", ""),
    },
    Amends {
        file: "09",
        step: 30,
        request: ("DELETE", "/api/admin/environments/x", ""),
    },
    Amends {
        file: "22",
        step: 6,
        request: ("DELETE", "/api/admin/projects/adm-prj-a", ""),
    },
    Amends {
        file: "22",
        step: 7,
        request: (
            "PUT",
            "/api/admin/projects/default",
            r#"{"name":"Default"}"#,
        ),
    },
    Amends {
        file: "19",
        step: 45,
        request: (
            "POST",
            "/api/admin/projects/default/features",
            r#"{"name":"adm-imp-d"}"#,
        ),
    },
];

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        file: "01",
        steps: &[25],
        why: "what is wrong with malformed JSON is told in our parser's words",
    },
    Difference {
        file: "01",
        steps: &[69],
        why: "a patch cannot give a flag a kind that does not exist",
    },
    Difference {
        file: "01",
        steps: &[83, 90],
        why: "shows a kind that an earlier patch gave a flag, which is refused here",
    },
    Difference {
        file: "04",
        steps: &[12, 13, 14],
        why: "a rollout that is not a whole number from 0 to 100 switches flags off in some SDKs",
    },
    Difference {
        file: "04",
        steps: &[43, 50, 51, 88, 89],
        why: "shows strategies with rollouts that were refused here; an event about a strategy names the strategy's \
              own environment even when the path names another one, for SDKs poll by it",
    },
    Difference {
        file: "04",
        steps: &[22],
        why: "a strategy is disabled or not; null is not",
    },
    Difference {
        file: "07",
        steps: &[41, 55],
        why: "variants of strategies have no overrides, so an empty list of them is not kept",
    },
    Difference {
        file: "08",
        steps: &[3, 4, 7, 15, 16, 17, 21],
        why: "variants of flags can be changed: SDKs evaluate them, and instances that have some must be able to \
              maintain them",
    },
    Difference {
        file: "09",
        steps: &[26, 27, 28, 29, 30],
        why: "environments can be made, cloned, changed and deleted",
    },
    Difference {
        file: "09",
        steps: &[53, 58],
        why: "lists that are empty are left out of a default strategy, sent or not",
    },
    Difference {
        file: "09",
        steps: &[59],
        why: "moving an environment is a change and told as one; removing what is not there is none",
    },
    Difference {
        file: "22",
        steps: &[2],
        why: "the list of archived projects does not contain the others",
    },
    Difference {
        file: "22",
        steps: &[5, 6, 7, 8],
        why: "projects can be shown, made, changed and deleted",
    },
    Difference {
        file: "22",
        steps: &[9],
        why: "who made flags is told from flags; a new instance has none",
    },
    Difference {
        file: "26",
        steps: &[10],
        why: "there is nothing to ask with OPTIONS: the admin API is not for other origins",
    },
    Difference {
        file: "26",
        steps: &[11],
        why: "a caller without a right learns nothing about the rest of the request, not even that it is malformed",
    },
    Difference {
        file: "26",
        steps: &[12],
        why: "the sentence names this program, and there is no page to log in at yet",
    },
];
