//! Every wish one may have, as one enum. The admin API, the importers and the first start all speak it.

use super::api_token::ApiToken;
use super::environment::Environment;
use super::instance::Instance;

/// A wish to change the configuration.
#[derive(Clone, Debug)]
pub enum Command {
    /// Fill an empty store.
    CreateInstance(CreateInstance),
}

/// What a new instance starts with. Refused when there already is one.
#[derive(Clone, Debug)]
pub struct CreateInstance {
    /// Identity and hash key, made by the caller, who has the dice.
    pub instance: Instance,
    /// Its environments, all of them in use by the project `default`.
    pub environments: Vec<Environment>,
    /// Tokens that exist from the beginning.
    pub tokens: Vec<ApiToken>,
    /// Origins browsers may call from.
    pub frontend_origins: Vec<String>,
}
