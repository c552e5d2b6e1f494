//! `/api/client`: what backend SDKs call.

mod features;
