//! Everything the instance remembers, as one file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, get, web};
use futures_util::stream;

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::{Backup, Backups};

/// The type of a backup.
const ZSTD: &str = "application/zstd";

/// Adds the routes about the store as a whole.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_store_backup);
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
