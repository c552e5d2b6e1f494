//! How a wish comes true: decide, commit, follow, publish.
//!
//! *Who calls it:* `api` and `app` submit commands. *What it may import:* `domain`, `store`, `snapshot`.
