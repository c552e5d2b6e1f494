//! Where values come from: options first, then environment variables, then defaults.

use std::collections::BTreeMap;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};

use super::error::SettingsError;
use super::table::{SETTINGS, Setting, UNSUPPORTED, UNSUPPORTED_FAMILIES};

/// A value and where it was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The value as text.
    pub(super) text: String,
    /// `--port` or `PORT`.
    pub(super) name: String,
    /// Whether it was given rather than assumed.
    pub(super) given: bool,
}

/// The values of all settings.
#[derive(Debug)]
pub(super) struct Sources(BTreeMap<&'static str, Found>);

impl Sources {
    /// Looks for each setting among the options and in the environment.
    pub(super) fn read(
        options: &ArgMatches,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        SETTINGS
            .iter()
            .map(|setting| Ok((setting.flag, find(setting, options, environment)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The value of a setting of the table.
    pub(super) fn get(&self, flag: &str) -> Found {
        self.0.get(flag).cloned().unwrap_or_else(|| Found {
            text: String::new(),
            name: format!("--{flag}"),
            given: false,
        })
    }
}

fn find(
    setting: &Setting,
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> Result<Found, SettingsError> {
    if options.value_source(setting.flag) == Some(ValueSource::CommandLine) {
        return Ok(Found {
            text: from_option(setting, options),
            name: format!("--{}", setting.flag),
            given: true,
        });
    }
    let mut found: Vec<Found> = Vec::new();
    for name in setting.names {
        found.extend(from_environment(setting, name, environment)?);
    }
    // Different values under our name and an inherited one: somebody would be surprised whichever we took. Among the
    // inherited names the order of the table counts, as on the reference server.
    if let (Some(first), Some(other)) = (found.first(), found.get(1))
        && first.name.starts_with("BURGEE_")
        && first.text != other.text
    {
        return Err(SettingsError::Contradiction {
            one: first.name.clone(),
            other: other.name.clone(),
            why: "they are two names of one setting with different values".into(),
        });
    }
    Ok(found.into_iter().next().unwrap_or_else(|| Found {
        text: setting.default.to_owned(),
        name: format!("--{}", setting.flag),
        given: false,
    }))
}

fn from_option(setting: &Setting, options: &ArgMatches) -> String {
    if setting.value.is_empty() {
        options.get_flag(setting.flag).to_string()
    } else {
        options
            .get_one::<String>(setting.flag)
            .cloned()
            .unwrap_or_default()
    }
}

fn from_environment(
    setting: &Setting,
    name: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Option<Found>, SettingsError> {
    let direct = environment.get(name).filter(|value| !value.is_empty());
    let file_name = format!("{name}_FILE");
    let file = environment
        .get(&file_name)
        .filter(|path| setting.secret && !path.is_empty());
    match (direct, file) {
        (Some(_), Some(_)) => Err(SettingsError::Contradiction {
            one: name.to_owned(),
            other: file_name,
            why: "set one of them".into(),
        }),
        (Some(value), None) => Ok(Some(Found {
            text: value.clone(),
            name: name.to_owned(),
            given: true,
        })),
        (None, Some(path)) => match fs_err::read_to_string(path) {
            Ok(text) => Ok(Some(Found {
                text: text.trim().to_owned(),
                name: file_name,
                given: true,
            })),
            Err(source) => Err(SettingsError::File {
                name: file_name,
                file: path.clone(),
                source,
            }),
        },
        (None, None) => Ok(None),
    }
}

/// The options of `burgee serve`.
pub fn options() -> Vec<Arg> {
    SETTINGS
        .iter()
        .map(|setting| {
            let arg = Arg::new(setting.flag)
                .long(setting.flag)
                .help(help(setting))
                .help_heading(setting.section);
            if setting.value.is_empty() {
                arg.action(ArgAction::SetTrue)
            } else {
                arg.value_name(setting.value).num_args(1)
            }
        })
        .collect()
}

fn help(setting: &Setting) -> String {
    let mut help = format!("{} [env: {}]", setting.help, setting.names.join(", "));
    if setting.secret {
        help.push_str(" [also as …_FILE]");
    }
    if !setting.default.is_empty() {
        help.push_str(&format!(" [default: {}]", setting.default));
    }
    help
}

/// Names in the environment that the reference server reads and we do not.
pub(super) fn unsupported(environment: &BTreeMap<String, String>) -> Vec<String> {
    environment
        .keys()
        .filter(|name| {
            let known = SETTINGS
                .iter()
                .any(|setting| setting.names.contains(&name.as_str()));
            !known
                && (UNSUPPORTED.contains(&name.as_str())
                    || UNSUPPORTED_FAMILIES
                        .iter()
                        .any(|family| name.starts_with(family)))
        })
        .cloned()
        .collect()
}

/// Names that begin like ours and are not: most likely misspelt.
pub(super) fn misspelt(environment: &BTreeMap<String, String>) -> Vec<String> {
    environment
        .keys()
        .filter(|name| name.starts_with("BURGEE_"))
        .filter(|name| {
            let stem = name.strip_suffix("_FILE").unwrap_or(name);
            !SETTINGS.iter().any(|setting| {
                setting.names.contains(&name.as_str())
                    || (setting.secret && setting.names.contains(&stem))
            })
        })
        .cloned()
        .collect()
}
