//! Remembering and sharing the configuration.
//!
//! *Who calls it:* `change`, `usage`, `app`. *What it may import:* `domain`.
