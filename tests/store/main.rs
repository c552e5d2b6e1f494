//! What every store promises, and what the one on disk promises beyond that.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may panic"
)]

mod child;
mod conformance;
mod damage;
mod disk;
mod dump;
mod filling;
mod formats;
mod histories;
mod history;
mod kill;
mod load;
mod material;
#[path = "../redis/page.rs"]
mod page;
#[path = "../redis/rig/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the rig has more than these laws need"
)]
mod rig;
mod rights;
mod sharing;
mod tampering;

use burgee::store::{AnyStore, EmbeddedStore, MemoryStore, RedisOptions, RedisStore};

use crate::rig::RedisServer;

/// A new empty store in memory.
fn memory() -> AnyStore {
    AnyStore::Memory(MemoryStore::new())
}

/// The store in a directory.
fn embedded(directory: &std::path::Path) -> AnyStore {
    AnyStore::Embedded(EmbeddedStore::open(directory).unwrap())
}

/// The store in a server.
async fn shared(server: &RedisServer) -> AnyStore {
    let options = RedisOptions::new(server.url());
    AnyStore::Redis(RedisStore::open(&options).await.unwrap())
}

/// Runs every law of the conformance suite against each kind of store.
macro_rules! laws {
    ($($law:ident)*) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                crate::conformance::$law(crate::memory().into()).await;
            })*
        }

        mod on_disk {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let directory = tempfile::tempdir().unwrap();
                crate::conformance::$law(crate::embedded(directory.path()).into()).await;
            })*
        }

        mod in_redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let server = crate::rig::RedisServer::start(Default::default());
                crate::conformance::$law(crate::shared(&server).await.into()).await;
            })*
        }
    };
}

laws! {
    a_new_store_is_empty
    what_was_committed_is_loaded
    a_wrong_expected_revision_changes_nothing
    misnumbered_changes_are_refused
    of_racing_writers_exactly_one_wins
    a_batch_is_all_or_nothing
    changes_come_in_order_without_gaps_in_pages
    old_changes_are_dropped_and_the_gap_shows
    the_feed_wakes
    events_are_paged_both_ways
    events_are_found_by_each_property
    usage_adds_up_in_any_order
    usage_is_found_by_each_property
    usage_is_pruned_by_age
    usage_is_added_up_by_day
    sightings_are_bounded
    applications_are_forgotten
    names_may_be_of_any_script
    a_change_of_five_thousand_flags_is_one_commit
    a_filled_store_equals_its_source
    a_store_fills_another_with_all_it_holds
    an_empty_store_fills_another
    a_store_that_holds_something_is_not_filled
    a_filling_that_broke_off_shows_and_can_be_begun_again
    parts_that_do_not_fit_are_refused
    nobody_has_to_listen_to_the_end
    what_is_read_out_is_of_one_moment
    a_closed_store_says_so
}
