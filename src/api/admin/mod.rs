//! What operators and their tools call. One module for each resource: `mod.rs` handles, `schema.rs` says the shapes.

mod addons;
mod answer;
mod api_tokens;
mod archive;
mod auth_settings;
mod change_requests;
mod constraints;
mod context;
mod dependencies;
mod environments;
mod events;
mod favorites;
mod feature_environments;
mod feature_strategies;
mod feature_types;
mod features;
mod features_batch;
mod groups;
mod instance_admin;
mod lifecycle;
mod links;
pub(in crate::api) mod maintenance;
mod metrics;
mod names;
mod patches;
mod paths;
mod playground;
mod projects;
mod roles;
mod search;
mod segments;
mod service_accounts;
mod sign_ins;
mod strategies;
mod tags;
mod ui_config;
mod user_interface;
mod users;
mod variants;

pub use addons::PrivateAddresses;
pub use features_batch::import_command;
pub use ui_config::Address;
pub(in crate::api) use users::schema::{RoleSchema, UserSchema, ValidatePasswordSchema};

use crate::api::registration::ServiceConfig;

/// Adds the routes below `/api/admin`.
pub fn routes(config: &mut ServiceConfig) {
    addons::routes(config);
    api_tokens::routes(config);
    archive::routes(config);
    auth_settings::routes(config);
    change_requests::routes(config);
    constraints::routes(config);
    context::routes(config);
    dependencies::routes(config);
    environments::routes(config);
    feature_environments::routes(config);
    feature_strategies::routes(config);
    events::routes(config);
    favorites::routes(config);
    feature_types::routes(config);
    features::routes(config);
    features_batch::routes(config);
    groups::routes(config);
    instance_admin::routes(config);
    lifecycle::routes(config);
    maintenance::routes(config);
    metrics::routes(config);
    links::routes(config);
    playground::routes(config);
    projects::routes(config);
    roles::routes(config);
    search::routes(config);
    segments::routes(config);
    service_accounts::routes(config);
    sign_ins::routes(config);
    strategies::routes(config);
    tags::routes(config);
    ui_config::routes(config);
    users::routes(config);
    user_interface::routes(config);
    variants::routes(config);
}
