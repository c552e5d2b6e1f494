use std::collections::BTreeMap;

use super::*;

fn read(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Settings, String> {
    let options = clap::Command::new("burgee")
        .args(options())
        .try_get_matches_from(std::iter::once(&"burgee").chain(arguments))
        .unwrap();
    let environment: BTreeMap<String, String> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::read(&options, &environment).map_err(|error| error.to_string())
}

#[test]
fn without_anything_the_defaults_hold() {
    let settings = read(&[], &[]).unwrap();
    assert_eq!(settings.network.port, 4242);
    assert_eq!(settings.storage, Storage::Embedded("./burgee-data".into()));
    assert_eq!(settings.bootstrap.environments.len(), 2);
    assert_eq!(settings.limits, crate::domain::limits::Limits::default());
    assert!(settings.notices.is_empty());
}

#[test]
fn usage_is_kept_for_as_long_as_is_set() {
    let retention = |arguments: &[&str]| read(arguments, &[]).map(|it| it.usage_retention);
    let default = crate::domain::usage::Retention::default();
    assert_eq!(retention(&[]).unwrap(), default);
    let other = retention(&["--usage-hours", "72", "--usage-days", "0"]).unwrap();
    assert_eq!((other.hours, other.days), (72, 1));
    assert!(retention(&["--usage-days=-1"]).is_err());
    assert!(retention(&["--usage-hours", "a week"]).is_err());
}

#[test]
fn numbers_may_have_a_place_of_their_own() {
    let prometheus = |arguments: &[&str]| read(arguments, &[]).map(|it| it.prometheus);
    let default = prometheus(&[]).unwrap();
    assert_eq!(default.path, "/internal-backstage/prometheus");
    assert_eq!(default.port, None);
    let own = prometheus(&["--prometheus-path", "metrics/", "--prometheus-port", "9100"]);
    let own = own.unwrap();
    assert_eq!((own.path.as_str(), own.port), ("/metrics", Some(9100)));
    for bad in [
        ["--prometheus-path", "/"],
        ["--prometheus-path", "/a{b}"],
        ["--prometheus-port", "0"],
        ["--prometheus-port", "no"],
        ["--prometheus", "maybe"],
    ] {
        assert!(prometheus(&bad).unwrap_err().contains(bad[0]), "{bad:?}");
    }
}

#[test]
fn options_win_over_variables_and_http_port_over_port() {
    let environment = [("PORT", "1"), ("HTTP_PORT", "2")];
    assert_eq!(read(&[], &environment).unwrap().network.port, 2);
    assert_eq!(
        read(&["--port", "3"], &environment).unwrap().network.port,
        3
    );
}

#[test]
fn contradictions_are_refused_with_both_names() {
    for (arguments, environment, names) in [
        (
            &["--store", "memory", "--data-dir", "x"][..],
            &[][..],
            ["--store", "--data-dir"],
        ),
        (
            &[],
            &[("BURGEE_PORT", "1"), ("PORT", "2")],
            ["BURGEE_PORT", "PORT"],
        ),
        (
            &[],
            &[
                ("INIT_ADMIN_API_TOKENS", "*:*.a"),
                ("INIT_ADMIN_API_TOKENS_FILE", "/x"),
            ],
            ["INIT_ADMIN_API_TOKENS", "INIT_ADMIN_API_TOKENS_FILE"],
        ),
        (
            &["--demo"],
            &[("BURGEE_ENVIRONMENTS", "stage")],
            ["--demo", "BURGEE_ENVIRONMENTS"],
        ),
    ] {
        let message = read(arguments, environment).unwrap_err();
        assert!(names.iter().all(|name| message.contains(name)), "{message}");
    }
}

#[test]
fn client_and_backend_tokens_are_a_union() {
    let settings = read(
        &[],
        &[
            ("INIT_CLIENT_API_TOKENS", "*:development.a, *:development.b"),
            ("INIT_BACKEND_API_TOKENS", "*:development.b,*:production.c"),
        ],
    )
    .unwrap();
    assert_eq!(settings.bootstrap.backend_tokens.expose().len(), 3);
}

#[test]
fn secrets_come_from_files_and_never_into_messages() {
    let folder = std::env::temp_dir().join(format!("burgee-config-{}", std::process::id()));
    fs_err::create_dir_all(&folder).unwrap();
    let file = folder.join("tokens");
    fs_err::write(&file, "*:*.hidden-secret\n").unwrap();
    let path = file.to_str().unwrap().to_owned();
    let settings = read(&[], &[("INIT_ADMIN_API_TOKENS_FILE", &path)]).unwrap();
    assert_eq!(
        settings.bootstrap.admin_tokens.expose(),
        ["*:*.hidden-secret"]
    );
    assert!(!format!("{settings:?}").contains("hidden-secret"));
    fs_err::write(&file, "hidden-secret").unwrap();
    let message = read(&[], &[("INIT_ADMIN_API_TOKENS_FILE", &path)]).unwrap_err();
    assert!(message.contains("INIT_ADMIN_API_TOKENS_FILE") && !message.contains("hidden-secret"));
    fs_err::remove_dir_all(&folder).unwrap();
    let message = read(&[], &[("INIT_ADMIN_API_TOKENS_FILE", &path)]).unwrap_err();
    assert!(message.contains("cannot be read"), "{message}");
}

#[test]
fn inherited_names_are_reported_and_never_fatal() {
    let settings = read(
        &[],
        &[
            ("DATABASE_URL", "postgres://u:secret@h/db"),
            ("DATABASE_SSL", "x"),
            ("BURGEE_PROT", "1"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    let notices = settings.notices.join("\n");
    assert!(notices.contains("DATABASE_URL") && notices.contains("DATABASE_SSL"));
    assert!(notices.contains("BURGEE_PROT"));
    assert!(!notices.contains("secret") && !notices.contains("PATH,"));
}

#[test]
fn unusable_values_are_named_with_what_to_write() {
    for (name, value) in [
        ("PORT", "70000"),
        ("HTTP_HOST", "example.com"),
        ("BASE_URI_PATH", "/a b"),
        ("BURGEE_STORE", "postgres"),
        ("BURGEE_ENVIRONMENTS", "stage,stage"),
        ("BURGEE_ENVIRONMENTS", "a b"),
        ("LOG_LEVEL", "loud"),
        ("BURGEE_DEMO", "maybe"),
        ("UNLEASH_SEGMENTS_LIMIT", "-1"),
    ] {
        let message = read(&[], &[(name, value)]).unwrap_err();
        assert!(
            message.contains(name) && message.contains("has to be"),
            "{message}"
        );
    }
}

#[test]
fn base_paths_are_written_one_way() {
    for text in ["/flags", "flags/", "/flags/"] {
        let settings = read(&[], &[("BASE_URI_PATH", text)]).unwrap();
        assert_eq!(settings.network.base_path, "/flags");
    }
}
