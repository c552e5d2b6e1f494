//! What users marked for themselves: flags and projects.

use actix_web::{HttpResponse, delete, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::done;
use super::paths::{FeaturePath, ProjectPath};
use super::users::submit;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::Writer;
use crate::domain::command::{AccountCommand, Favorite};
use crate::domain::flag::Flag;
use crate::domain::names::{FlagName, ProjectId};
use crate::domain::project::Project;
use crate::domain::user::User;

const NEEDS_USER: &str = "Favorites belong to users, and an admin token is none.";

/// Adds the routes of favourites.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(add_favorite_feature)
        .service(remove_favorite_feature)
        .service(add_favorite_project)
        .service(remove_favorite_project);
}

/// Whose marks are shown. Tokens of nobody have none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reader<'u>(Option<&'u User>);

impl<'u> Reader<'u> {
    pub(super) fn new(permit: &'u Permit<Read>) -> Self {
        Self(permit.user().map(AsRef::as_ref))
    }

    pub(super) fn likes_flag(self, flag: &Flag) -> bool {
        let marked = |user: &User| user.favorite_flags.contains(&flag.name);
        self.0.is_some_and(marked)
    }

    pub(super) fn likes_project(self, project: &Project) -> bool {
        let marked = |user: &User| user.favorite_projects.contains(&project.id);
        self.0.is_some_and(marked)
    }

    /// The same where the reference says nothing to tokens of nobody.
    pub(super) fn if_user(self, marked: bool) -> Option<bool> {
        self.0.map(|_| marked)
    }
}

/// Nothing: members are read over.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EmptySchema {}

async fn mark(
    permit: &Permit<Read>,
    writer: &Writer,
    what: Favorite,
    on: bool,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?.id;
    submit(writer, AccountCommand::Mark(user, what, on), permit).await?;
    Ok(done())
}

fn flag(path: &FeaturePath) -> Favorite {
    Favorite::Flag(
        ProjectId::trusted(&path.project_id),
        FlagName::trusted(&path.feature_name),
    )
}

/// Marks a flag for the caller.
#[utoipa::path(
    tag = "Features",
    operation_id = "addFavoriteFeature",
    params(FeaturePath),
    request_body = EmptySchema,
    responses((status = 200, description = "Marked"))
)]
#[post("/projects/{projectId}/features/{featureName}/favorites")]
async fn add_favorite_feature(
    permit: Permit<Read>,
    path: web::Path<FeaturePath>,
    _body: Json<EmptySchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    mark(&permit, &writer, flag(&path), true).await
}

/// Takes the caller's mark off a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "removeFavoriteFeature",
    params(FeaturePath),
    responses((status = 200, description = "Not marked"))
)]
#[delete("/projects/{projectId}/features/{featureName}/favorites")]
async fn remove_favorite_feature(
    permit: Permit<Read>,
    path: web::Path<FeaturePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    mark(&permit, &writer, flag(&path), false).await
}

/// Marks a project for the caller.
#[utoipa::path(
    tag = "Features",
    operation_id = "addFavoriteProject",
    params(ProjectPath),
    request_body = EmptySchema,
    responses((status = 200, description = "Marked"))
)]
#[post("/projects/{projectId}/favorites")]
async fn add_favorite_project(
    permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    _body: Json<EmptySchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let project = ProjectId::trusted(&path.project_id);
    mark(&permit, &writer, Favorite::Project(project), true).await
}

/// Takes the caller's mark off a project.
#[utoipa::path(
    tag = "Features",
    operation_id = "removeFavoriteProject",
    params(ProjectPath),
    responses((status = 200, description = "Not marked"))
)]
#[delete("/projects/{projectId}/favorites")]
async fn remove_favorite_project(
    permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let project = ProjectId::trusted(&path.project_id);
    mark(&permit, &writer, Favorite::Project(project), false).await
}
