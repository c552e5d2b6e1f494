//! What SDKs reported, as the reference shows it. Views over applications and statistics build on the same rows.

mod schema;
mod unknown;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::error::ApiError;
use crate::api::extract::{Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::usage::UsageQuery;
use crate::usage::Usage;
use schema::{
    ApplicationEnvironmentInstancesSchema, FeatureMetricsSchema, FeatureUsageSchema, Steps,
};

const HOUR: i64 = 3_600_000;
/// How far back one can look, and how far one looks without saying so, in hours.
const LONGEST: i64 = 400 * 24;
const USUAL: i64 = 24;
/// How far back usage is told hour by hour, in hours.
const HOURLY: i64 = 48;

/// Adds the routes about reported usage.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_raw_feature_metrics)
        .service(get_feature_usage_summary)
        .service(get_application_environment_instances)
        .service(unknown::get_unknown_flags);
}

/// How far back to look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Period {
    /// Hours, the present one included; 24 when left out or not a number.
    hours_back: Option<String>,
}

impl Period {
    fn hours(&self) -> i64 {
        let given = self
            .hours_back
            .as_deref()
            .and_then(|text| text.parse().ok());
        given.unwrap_or(USUAL).clamp(1, LONGEST)
    }
}

/// The usage of a flag: hour by hour up to 48 hours back, day by day if one looks further.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getRawFeatureMetrics",
    params(("name" = String, Path, description = "The flag"), Period),
    responses((status = 200, body = FeatureMetricsSchema), (status = 503))
)]
#[get("/client-metrics/features/{name}/raw")]
async fn get_raw_feature_metrics(
    _permit: Permit<Read>,
    request: HttpRequest,
    name: web::Path<String>,
    period: web::Query<Period>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let steps = Steps::of(period.hours());
    let (first, last) = steps.ends(now(&request), period.hours());
    let query = UsageQuery {
        flag: Some(FlagName::trusted(&name)),
        from: Some(first),
        ..UsageQuery::default()
    };
    let rows = usage.rows(&query).await.map_err(unavailable)?;
    Ok(HttpResponse::Ok().json(FeatureMetricsSchema::new(&name, rows, steps, (first, last))))
}

/// The usage of a flag in the newest hour, and the applications that asked for it.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getFeatureUsageSummary",
    params(("name" = String, Path, description = "The flag")),
    responses((status = 200, body = FeatureUsageSchema), (status = 503))
)]
#[get("/client-metrics/features/{name}")]
async fn get_feature_usage_summary(
    _permit: Permit<Read>,
    request: HttpRequest,
    name: web::Path<String>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let query = UsageQuery {
        flag: Some(FlagName::trusted(&name)),
        from: Some(now(&request).hour().plus_millis(-HOURLY * HOUR)),
        ..UsageQuery::default()
    };
    let rows = usage.rows(&query).await.map_err(unavailable)?;
    Ok(HttpResponse::Ok().json(FeatureUsageSchema::new(&name, &rows)))
}

/// The processes of an application that were seen in an environment within a day.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getApplicationEnvironmentInstances",
    params(
        ("appName" = String, Path, description = "The application"),
        ("environment" = String, Path, description = "The environment")
    ),
    responses((status = 200, body = ApplicationEnvironmentInstancesSchema), (status = 503))
)]
#[get("/metrics/instances/{appName}/environment/{environment}")]
async fn get_application_environment_instances(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let (app_name, environment) = path.into_inner();
    let environment = EnvironmentName::trusted(&environment);
    let seen = usage.sightings().await.map_err(unavailable)?;
    let oldest = now(&request).plus_millis(-24 * HOUR);
    let instances = seen.instances.into_iter().filter(|instance| {
        instance.app_name == app_name
            && instance.environment == environment
            && instance.last_seen >= oldest
    });
    Ok(
        HttpResponse::Ok().json(ApplicationEnvironmentInstancesSchema {
            instances: instances.map(Into::into).collect(),
        }),
    )
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ApiError {
    ApiError::StoreUnavailable(error.into())
}
