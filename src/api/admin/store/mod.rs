//! Everything the instance remembers, as one file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, get, post, web};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::{Backup, Backups, Right, Standing};

/// The type of a backup.
const ZSTD: &str = "application/zstd";

/// Adds the routes about the store as a whole.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_store_backup)
        .service(reseed_store)
        .service(adopt_store);
}

/// Everything the instance remembers as of one moment, for `burgee restore`: configuration with the hashes of
/// passwords and tokens and the secrets of addons, the event log, usage. Changes go on meanwhile.
/// The answer is whole only if it ends in order; the file can be checked with `burgee restore --check`.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "getStoreBackup",
    responses((status = 200, description = "The backup.", body = Vec<u8>, content_type = "application/zstd"))
)]
#[get("/store/backup")]
async fn get_store_backup(
    _permit: Permit<Administer>,
    backups: web::Data<Backups>,
) -> Result<HttpResponse, ApiError> {
    let backup = backups.begin().await?;
    Ok(HttpResponse::Ok()
        .content_type(ZSTD)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, as_attachment(&backup)))
        .streaming(stream::unfold(backup, async |mut backup| {
            let piece = backup.piece().await?;
            Some((piece.map(web::Bytes::from), backup))
        })))
}

fn as_attachment(backup: &Backup) -> String {
    let revision = backup.origin.revision;
    format!("attachment; filename=\"burgee-{revision}.backup\"")
}

/// Where the store and the nodes go on.
#[derive(Debug, Serialize, ToSchema)]
struct StoreDecisionSchema {
    /// The revision they all have now.
    revision: u64,
}

/// Ends a divergence: writes what this node serves to the shared store, in place of what is there. All nodes go on from
/// it.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "reseedStore",
    responses(
        (status = 200, body = StoreDecisionSchema),
        (status = 409, description = "The store holds what this node serves, or is not shared"),
        (status = 503, description = "The store cannot be reached"),
    )
)]
#[post("/store/reseed")]
async fn reseed_store(
    permit: Permit<Administer>,
    standing: web::Data<Standing>,
) -> Result<web::Json<StoreDecisionSchema>, ApiError> {
    decide(Right::Served, &permit, &standing).await
}

/// Ends a divergence: takes what the shared store holds, in place of what the nodes serve.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "adoptStore",
    responses(
        (status = 200, body = StoreDecisionSchema),
        (status = 409, description = "The store holds what this node serves, is not shared, or is empty"),
        (status = 503, description = "The store cannot be reached"),
    )
)]
#[post("/store/adopt")]
async fn adopt_store(
    permit: Permit<Administer>,
    standing: web::Data<Standing>,
) -> Result<web::Json<StoreDecisionSchema>, ApiError> {
    decide(Right::Held, &permit, &standing).await
}

async fn decide(
    right: Right,
    permit: &Permit<Administer>,
    standing: &Standing,
) -> Result<web::Json<StoreDecisionSchema>, ApiError> {
    let revision = standing.decide(right, permit.actor()).await?;
    Ok(web::Json(StoreDecisionSchema {
        revision: revision.0,
    }))
}
