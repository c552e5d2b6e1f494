//! What one may do, as types. A handler that changes something asks for a `Permit` of its action, so it cannot be
//! reached without the right. Names are the reference server's permission names.

/// Something one needs a right for.
pub trait Action: std::fmt::Debug + 'static {
    /// Names of permissions of which one is needed; none when being signed in is enough.
    const PERMISSIONS: &'static [&'static str];
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $($permission:literal),*;)*) => {
        $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub struct $action;
        impl Action for $action { const PERMISSIONS: &'static [&'static str] = &[$($permission),*]; })*
    };
}

actions! {
    /// Look at anything that is not secret.
    Read = ;
    /// Do what only administrators may.
    Administer = "ADMIN";
    /// Make a flag.
    CreateFeature = "CREATE_FEATURE";
    /// Change a flag's metadata, tags, links.
    UpdateFeature = "UPDATE_FEATURE";
    /// Change what a flag depends on.
    UpdateFeatureDependency = "UPDATE_FEATURE_DEPENDENCY";
    /// Archive, revive or delete a flag.
    DeleteFeature = "DELETE_FEATURE";
    /// Switch a flag on or off in an environment.
    UpdateFeatureEnvironment = "UPDATE_FEATURE_ENVIRONMENT";
    /// Change variants of a flag in all environments.
    UpdateFeatureVariants = "UPDATE_FEATURE_VARIANTS";
    /// Change variants of a flag in an environment.
    UpdateFeatureEnvironmentVariants = "UPDATE_FEATURE_ENVIRONMENT_VARIANTS";
    /// Add a strategy to a flag in an environment.
    CreateFeatureStrategy = "CREATE_FEATURE_STRATEGY";
    /// Change a strategy of a flag in an environment.
    UpdateFeatureStrategy = "UPDATE_FEATURE_STRATEGY";
    /// Remove a strategy from a flag in an environment.
    DeleteFeatureStrategy = "DELETE_FEATURE_STRATEGY";
    /// Make a segment.
    CreateSegment = "CREATE_SEGMENT", "UPDATE_PROJECT_SEGMENT";
    /// Change a segment.
    UpdateSegment = "UPDATE_SEGMENT", "UPDATE_PROJECT_SEGMENT";
    /// Delete a segment.
    DeleteSegment = "DELETE_SEGMENT", "UPDATE_PROJECT_SEGMENT";
    /// Make a context field.
    CreateContextField = "CREATE_CONTEXT_FIELD", "CREATE_PROJECT_CONTEXT_FIELD";
    /// Change a context field.
    UpdateContextField = "UPDATE_CONTEXT_FIELD", "UPDATE_PROJECT_CONTEXT_FIELD";
    /// Delete a context field.
    DeleteContextField = "DELETE_CONTEXT_FIELD", "DELETE_PROJECT_CONTEXT_FIELD";
    /// Make a kind of strategy.
    CreateStrategy = "CREATE_STRATEGY";
    /// Change a kind of strategy.
    UpdateStrategy = "UPDATE_STRATEGY";
    /// Delete a kind of strategy.
    DeleteStrategy = "DELETE_STRATEGY";
    /// Make a kind of tag.
    CreateTagType = "CREATE_TAG_TYPE";
    /// Change a kind of tag.
    UpdateTagType = "UPDATE_TAG_TYPE";
    /// Delete a kind of tag.
    DeleteTagType = "DELETE_TAG_TYPE";
    /// Make an addon.
    CreateAddon = "CREATE_ADDON";
    /// Change an addon.
    UpdateAddon = "UPDATE_ADDON";
    /// Delete an addon.
    DeleteAddon = "DELETE_ADDON";
    /// Change a kind of flag.
    UpdateFeatureType = "UPDATE_FEATURE_TYPE";
    /// Make a project.
    CreateProject = "CREATE_PROJECT";
    /// Change a project and its environments.
    UpdateProject = "UPDATE_PROJECT";
    /// Delete a project.
    DeleteProject = "DELETE_PROJECT";
    /// Make, change, order, switch or delete environments.
    ManageEnvironments = "ADMIN";
    /// Import flags into an environment of a project.
    Import = "UPDATE_FEATURE";
    /// List API tokens.
    ReadApiToken = "READ_CLIENT_API_TOKEN", "READ_FRONTEND_API_TOKEN", "READ_PROJECT_API_TOKEN";
    /// Make an API token.
    CreateApiToken = "CREATE_CLIENT_API_TOKEN", "CREATE_FRONTEND_API_TOKEN", "CREATE_PROJECT_API_TOKEN";
    /// Change an API token.
    UpdateApiToken = "UPDATE_CLIENT_API_TOKEN", "UPDATE_FRONTEND_API_TOKEN";
    /// Delete an API token.
    DeleteApiToken = "DELETE_CLIENT_API_TOKEN", "DELETE_FRONTEND_API_TOKEN", "DELETE_PROJECT_API_TOKEN";
    /// See who has access to a project.
    ReadAccess = "PROJECT_USER_ACCESS_READ", "PROJECT_USER_ACCESS_WRITE", "UPDATE_PROJECT";
    /// Change who has access to a project.
    ChangeAccess = "PROJECT_USER_ACCESS_WRITE", "UPDATE_PROJECT";
    /// Change settings of a project.
    UpdateProjectSettings = "PROJECT_SETTINGS_WRITE", "UPDATE_PROJECT";
    /// Change what flags of a project get when they are switched on without a strategy.
    UpdateDefaultStrategy = "PROJECT_DEFAULT_STRATEGY_WRITE", "UPDATE_PROJECT";
    /// Change settings of change requests.
    UpdateChangeRequestSettings = "PROJECT_CHANGE_REQUEST_WRITE", "UPDATE_PROJECT";
    /// See roles and permissions.
    ReadRole = "READ_ROLE";
    /// See who signed in.
    ReadLogs = "READ_LOGS";
    /// See and change how people sign in.
    UpdateAuthConfiguration = "UPDATE_AUTH_CONFIGURATION";
    /// See, begin or end maintenance.
    UpdateMaintenance = "ADMIN", "UPDATE_MAINTENANCE_MODE";
    /// Change and delete applications.
    UpdateApplication = "UPDATE_APPLICATION";
    /// Change run-time settings.
    UpdateSettings = "UPDATE_CORS";
}
