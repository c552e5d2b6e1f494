//! Asking a running server.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Arg, ArgMatches};
use serde_json::Value;

use super::healthcheck::own_address;
use crate::config::Settings;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, and who asks.
pub(super) struct Remote {
    url: String,
    token: String,
}

impl Remote {
    /// What names the server and who asks.
    pub(super) fn options() -> [Arg; 3] {
        [
            Arg::new("url").long("url").value_name("URL").help(
                "The running server's address, or BURGEE_URL. Default: made from the same settings as `serve`.",
            ),
            Arg::new("token").long("token").value_name("TOKEN").help(
                "An admin token, or BURGEE_TOKEN; others on this machine can see it in the list of processes.",
            ),
            Arg::new("token-file")
                .long("token-file")
                .value_name("FILE")
                .conflicts_with("token")
                .help("A file with an admin token, or BURGEE_TOKEN_FILE."),
        ]
    }

    pub(super) fn of(
        options: &ArgMatches,
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let given = |option: &str, variable: &str| {
            let option = options.get_one::<String>(option);
            option.or_else(|| environment.get(variable)).cloned()
        };
        let url = match given("url", "BURGEE_URL") {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => own_address(&Settings::read(options, environment)?),
        };
        let file = options.get_one::<String>("token-file").cloned();
        let token = match (file, given("token", "BURGEE_TOKEN")) {
            (Some(file), _) => read_token(&file)?,
            (None, Some(token)) => token,
            (None, None) => match environment.get("BURGEE_TOKEN_FILE") {
                Some(file) => read_token(file)?,
                None => bail!(
                    "an admin token is needed to ask {url}: give --token-file, --token or BURGEE_TOKEN. Without a \
                     server, use --offline"
                ),
            },
        };
        Ok(Self { url, token })
    }

    /// Where it is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The body of an answer, as it comes.
    pub(super) fn get(&self, path: &str) -> anyhow::Result<impl Read + use<>> {
        let url = format!("{}{path}", self.url);
        let asked = agent().get(&url).header("Authorization", &self.token);
        let answer = asked.call().with_context(|| self.silent())?;
        match answer.status().as_u16() {
            200 => Ok(answer.into_body().into_reader()),
            status => bail!(self.refusal(status, &url)),
        }
    }

    /// Asks for something to be done that needs no further words, and returns the JSON of the answer.
    pub(super) fn post(&self, path: &str) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.url);
        let asked = agent().post(&url).header("Authorization", &self.token);
        let answer = asked.send_empty().with_context(|| self.silent())?;
        let status = answer.status().as_u16();
        let body: Value =
            serde_json::from_reader(answer.into_body().into_reader()).unwrap_or_default();
        match (status, body.get("message").and_then(Value::as_str)) {
            (200, _) => Ok(body),
            (409 | 503, Some(message)) => bail!("{} refuses: {message}", self.url),
            _ => bail!(self.refusal(status, &url)),
        }
    }

    fn silent(&self) -> String {
        format!("{} does not answer", self.url)
    }

    fn refusal(&self, status: u16, url: &str) -> String {
        let at = &self.url;
        match status {
            401 => format!("{at} does not know the token"),
            403 => format!("{at} refuses: the token has to be an admin token"),
            404 => format!(
                "{url} is not there: is this the address of a Burgee of this version, with its base path?"
            ),
            status => format!("{url} answers {status}; its log says why"),
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build(),
    )
}

fn read_token(file: &str) -> anyhow::Result<String> {
    let token = fs_err::read_to_string(file)?;
    Ok(token.trim().to_owned())
}
