//! Flags for one user.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get, post};

use super::answer::{Flags, about, about_one};
use super::context::{from_body, from_query};
use crate::api::error::ApiError;
use crate::api::extract::{FrontendToken, Json};
use crate::wire::frontend::{FrontendFeature, FrontendFeatures, FrontendRequest};

/// The flags that are on for the user in the query string.
#[utoipa::path(tag = "Frontend API", operation_id = "getFrontendFeatures", responses(
    (status = 200, body = FrontendFeatures),
    (status = 304, description = "Nothing changed for this user"),
))]
#[get("")]
pub(super) async fn get(caller: FrontendToken, request: HttpRequest) -> HttpResponse {
    about(
        Flags::On,
        &request,
        &caller,
        from_query(request.query_string()),
    )
}

/// The flags that are on for the user in the body.
#[utoipa::path(tag = "Frontend API", operation_id = "getFrontendApiFeaturesWithPost", request_body = FrontendRequest, responses(
    (status = 200, body = FrontendFeatures),
))]
#[post("")]
pub(super) async fn post(
    caller: FrontendToken,
    request: HttpRequest,
    body: Json<FrontendRequest>,
) -> HttpResponse {
    let context = from_body(body.into_inner().context);
    about(Flags::On, &request, &caller, context)
}

/// All flags, on or off, for the user in the query string. Known from Edge.
#[utoipa::path(tag = "Frontend API", operation_id = "getAllFrontendFeatures", responses(
    (status = 200, body = FrontendFeatures),
))]
#[get("/all")]
pub(super) async fn get_all(caller: FrontendToken, request: HttpRequest) -> HttpResponse {
    about(
        Flags::All,
        &request,
        &caller,
        from_query(request.query_string()),
    )
}

/// All flags, on or off, for the user in the body. Known from Edge.
#[utoipa::path(tag = "Frontend API", operation_id = "getAllFrontendFeaturesWithPost", request_body = FrontendRequest, responses(
    (status = 200, body = FrontendFeatures),
))]
#[post("/all")]
pub(super) async fn post_all(
    caller: FrontendToken,
    request: HttpRequest,
    body: Json<FrontendRequest>,
) -> HttpResponse {
    let context = from_body(body.into_inner().context);
    about(Flags::All, &request, &caller, context)
}

/// One flag, on or off, for the user in the query string. Known from Edge; the PHP SDK asks for it.
#[utoipa::path(tag = "Frontend API", operation_id = "getFrontendFeature", responses(
    (status = 200, body = FrontendFeature),
    (status = 404, description = "No such flag, or not among those the token sees"),
))]
#[get("/features/{featureName}")]
pub(super) async fn get_one(
    caller: FrontendToken,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    about_one(&name, &request, &caller, from_query(request.query_string()))
}

/// One flag, on or off, for the user in the body. Known from Edge.
#[utoipa::path(tag = "Frontend API", operation_id = "getFrontendFeatureWithPost", request_body = FrontendRequest, responses(
    (status = 200, body = FrontendFeature),
    (status = 404, description = "No such flag, or not among those the token sees"),
))]
#[post("/features/{featureName}")]
pub(super) async fn post_one(
    caller: FrontendToken,
    name: Path<String>,
    request: HttpRequest,
    body: Json<FrontendRequest>,
) -> Result<HttpResponse, ApiError> {
    let context = from_body(body.into_inner().context);
    about_one(&name, &request, &caller, context)
}

/// Paths the reference knows and does not serve.
pub(super) async fn not_supported(_caller: FrontendToken) -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotSupported)
}

/// All other paths.
pub(super) async fn no_such_path(
    _caller: FrontendToken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath(request.path().to_owned()))
}
