//! The settings page of the documentation, made from the table.

use std::fmt::Write;

use super::table::{SETTINGS, UNSUPPORTED, UNSUPPORTED_FAMILIES};

/// The page as Markdown: `docs/settings.md`.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# Settings\n\nMade by `burgee settings-docs`; do not edit.\n\nAn option of the command line wins over an \
         environment variable, which wins over the default. The first name of a setting is our own; the others are \
         those Unleash reads. Secrets may also be given as a file: `INIT_ADMIN_API_TOKENS_FILE=/run/secrets/tokens`.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        if setting.section != section {
            section = setting.section;
            let _ = write!(
                page,
                "\n## {section}\n\n| option | environment | default | what it does |\n|---|---|---|---|\n"
            );
        }
        let value = if setting.value.is_empty() {
            String::new()
        } else {
            format!(" {}", setting.value)
        };
        let names: Vec<String> = setting
            .names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let file = if setting.secret {
            " Also as `…_FILE`."
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "| `--{}{value}` | {} | {default} | {}{file} |",
            setting.flag,
            names.join(" "),
            setting.help
        );
    }
    page.push_str(
        "\n## Names that are reported and ignored\n\nUnleash reads these; this version of Burgee has no use for them. \
         When they are set, the log says so once at start.\n\n",
    );
    let families = UNSUPPORTED_FAMILIES
        .iter()
        .map(|family| format!("`{family}…`"));
    let names = UNSUPPORTED.iter().map(|name| format!("`{name}`"));
    page.push_str(&families.chain(names).collect::<Vec<_>>().join(", "));
    page.push_str(".\n");
    page
}
