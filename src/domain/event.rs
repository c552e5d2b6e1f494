//! Events: what happened, for people and for revisions. Names are the reference's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::flag::Tag;
use super::names::{EnvironmentName, FlagName, ProjectId, Revision};
use super::time::Timestamp;

/// Which environments' clients an event concerns (contract CLIENT-API §2.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// SDKs see no difference.
    Nobody,
    /// SDKs of all environments.
    Everybody,
    /// SDKs of the event's environment.
    ItsEnvironment,
}

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $reach:ident;)*) => {
        /// What happened. The text form is the reference server's event name.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the wire names say it")]
        pub enum EventKind { $($(#[$doc])* #[serde(rename = $name)] $kind,)* }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// Which environments get a new revision.
            #[must_use]
            pub const fn reach(self) -> Reach {
                match self { $(Self::$kind => Reach::$reach,)* }
            }
        }
    };
}

event_kinds! {
    FeatureCreated = "feature-created", Everybody;
    FeatureMetadataUpdated = "feature-metadata-updated", Everybody;
    FeatureProjectChange = "feature-project-change", Everybody;
    FeatureArchived = "feature-archived", Everybody;
    FeatureRevived = "feature-revived", Everybody;
    FeatureDeleted = "feature-deleted", Everybody;
    FeatureStaleOn = "feature-stale-on", Everybody;
    FeatureStaleOff = "feature-stale-off", Everybody;
    FeatureCompleted = "feature-completed", Nobody;
    FeatureUncompleted = "feature-uncompleted", Nobody;
    FeatureImport = "feature-import", Everybody;
    FeaturesImported = "features-imported", ItsEnvironment;
    FeaturesExported = "features-exported", Nobody;
    FeatureStrategyAdd = "feature-strategy-add", ItsEnvironment;
    FeatureStrategyUpdate = "feature-strategy-update", ItsEnvironment;
    FeatureStrategyRemove = "feature-strategy-remove", ItsEnvironment;
    FeatureLinkAdded = "feature-link-added", Nobody;
    FeatureLinkUpdated = "feature-link-updated", Nobody;
    FeatureLinkRemoved = "feature-link-removed", Nobody;
    StrategyOrderChanged = "strategy-order-changed", ItsEnvironment;
    FeatureEnvironmentEnabled = "feature-environment-enabled", ItsEnvironment;
    FeatureEnvironmentDisabled = "feature-environment-disabled", ItsEnvironment;
    FeatureEnvironmentVariantsUpdated = "feature-environment-variants-updated", ItsEnvironment;
    FeatureDependencyAdded = "feature-dependency-added", Everybody;
    FeatureDependencyRemoved = "feature-dependency-removed", Everybody;
    FeatureDependenciesRemoved = "feature-dependencies-removed", Everybody;
    FeatureTagged = "feature-tagged", Everybody;
    FeatureUntagged = "feature-untagged", Everybody;
    FeatureTypeUpdated = "feature-type-updated", Nobody;
    TagCreated = "tag-created", Nobody;
    TagDeleted = "tag-deleted", Nobody;
    TagTypeCreated = "tag-type-created", Nobody;
    TagTypeUpdated = "tag-type-updated", Nobody;
    TagTypeDeleted = "tag-type-deleted", Nobody;
    StrategyCreated = "strategy-created", Nobody;
    StrategyUpdated = "strategy-updated", Nobody;
    StrategyDeleted = "strategy-deleted", Nobody;
    StrategyDeprecated = "strategy-deprecated", Nobody;
    StrategyReactivated = "strategy-reactivated", Nobody;
    ContextFieldCreated = "context-field-created", Nobody;
    ContextFieldUpdated = "context-field-updated", Nobody;
    ContextFieldDeleted = "context-field-deleted", Nobody;
    ProjectCreated = "project-created", Nobody;
    ProjectUpdated = "project-updated", Nobody;
    ProjectDeleted = "project-deleted", Everybody;
    ProjectEnvironmentAdded = "project-environment-added", ItsEnvironment;
    ProjectEnvironmentRemoved = "project-environment-removed", ItsEnvironment;
    ChangeRequestConfigurationUpdated = "change-request-configuration-updated", Nobody;
    DefaultStrategyUpdated = "default-strategy-updated", Nobody;
    EnvironmentCreated = "environment-created", ItsEnvironment;
    EnvironmentUpdated = "environment-updated", Nobody;
    EnvironmentDeleted = "environment-deleted", Nobody;
    EnvironmentEnabled = "environment-enabled", Nobody;
    EnvironmentDisabled = "environment-disabled", Nobody;
    SegmentCreated = "segment-created", Nobody;
    SegmentUpdated = "segment-updated", Everybody;
    SegmentDeleted = "segment-deleted", Everybody;
    SegmentImport = "segment-import", Everybody;
    ApiTokenCreated = "api-token-created", Nobody;
    ApiTokenUpdated = "api-token-updated", Nobody;
    ApiTokenDeleted = "api-token-deleted", Nobody;
    AddonConfigCreated = "addon-config-created", Nobody;
    AddonConfigUpdated = "addon-config-updated", Nobody;
    AddonConfigDeleted = "addon-config-deleted", Nobody;
    SettingUpdated = "setting-updated", Nobody;
    UserCreated = "user-created", Nobody;
    UserUpdated = "user-updated", Nobody;
    UserDeleted = "user-deleted", Nobody;
    ServiceAccountCreated = "service-account-created", Nobody;
    ServiceAccountUpdated = "service-account-updated", Nobody;
    ServiceAccountDeleted = "service-account-deleted", Nobody;
    /// Somebody signed in. Ours.
    UserSignedIn = "user-signed-in", Nobody;
    /// Somebody could not sign in. Ours.
    UserSignInFailed = "user-sign-in-failed", Nobody;
    /// Somebody signed out. Ours.
    UserSignedOut = "user-signed-out", Nobody;
    UserPreferenceUpdated = "user-preference-updated", Nobody;
    /// Somebody got another password. Ours.
    UserPasswordChanged = "user-password-changed", Nobody;
    /// Somebody got a link to choose a password. Ours.
    UserPasswordResetRequested = "user-password-reset-requested", Nobody;
    PatCreated = "pat-created", Nobody;
    PatDeleted = "pat-deleted", Nobody;
    PublicSignupTokenCreated = "public-signup-token-created", Nobody;
    PublicSignupTokenUpdated = "public-signup-token-updated", Nobody;
    PublicSignupTokenUserAdded = "public-signup-token-user-added", Nobody;
    RoleCreated = "role-created", Nobody;
    RoleUpdated = "role-updated", Nobody;
    RoleDeleted = "role-deleted", Nobody;
    GroupCreated = "group-created", Nobody;
    GroupUpdated = "group-updated", Nobody;
    GroupDeleted = "group-deleted", Nobody;
    ProjectAccessAdded = "project-access-added", Nobody;
    ProjectAccessUpdated = "project-access-updated", Nobody;
    ProjectAccessUserRolesUpdated = "project-access-user-roles-updated", Nobody;
    ProjectAccessUserRolesDeleted = "project-access-user-roles-deleted", Nobody;
    ProjectAccessGroupRolesUpdated = "project-access-group-roles-updated", Nobody;
    ProjectAccessGroupRolesDeleted = "project-access-group-roles-deleted", Nobody;
    FeatureFavorited = "feature-favorited", Nobody;
    FeatureUnfavorited = "feature-unfavorited", Nobody;
    ProjectFavorited = "project-favorited", Nobody;
    ProjectUnfavorited = "project-unfavorited", Nobody;
    ApplicationCreated = "application-created", Nobody;
    /// What a node served was written in place of what a shared store held; the reference has no such event.
    StoreReseeded = "store-reseeded", Everybody;
    /// What a shared store held was taken in place of what nodes served; the reference has no such event.
    StoreAdopted = "store-adopted", Everybody;
    /// The first change of a new instance; the reference has no such event.
    InstanceCreated = "instance-created", Everybody;
}

/// Who made a change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// A name for people, such as the name of the token used.
    pub name: String,
    /// The user's number; negative numbers are the program itself.
    pub user_id: i64,
    /// The address the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl Actor {
    /// The program acting on its own: first start, import at start.
    #[must_use]
    pub fn system() -> Self {
        Self {
            name: "burgee-system".into(),
            user_id: -1337,
            ip: None,
        }
    }
}

/// An event before it has a number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NewEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// The project concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// The flag concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagName>,
    /// The environment concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// What it is now: a document for readers in the shape the reference gives it, frozen when it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// What it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_data: Option<Value>,
    /// Tags of the flag concerned.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
}

impl NewEvent {
    /// An event about nothing in particular; fill in the rest.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            project: None,
            flag: None,
            environment: None,
            data: None,
            pre_data: None,
            tags: BTreeSet::new(),
        }
    }
}

/// An event with its number. Numbers have no gaps; the newest is the revision of the state.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its number.
    pub id: Revision,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What.
    #[serde(flatten)]
    pub what: NewEvent,
}
