//! That SDKs are served as fast with Redis as without: nothing that is read comes from there.

use crate::flags;
use crate::rig::{Options, RedisServer};
use crate::servers::{
    BACKEND, FEATURES, FRONTEND, Folder, QUERY, Server, etag, headers, median, script, wrk,
};

const FLAGS: u64 = 1000;
const ROUNDS: usize = 7;

/// Measures both stores in turn.
pub(crate) fn measure() {
    let redis = RedisServer::start(Options::every_second());
    let folder = Folder::make();
    let data = folder.path().join("data");
    let shared = Server::start(&["--redis-url", &redis.url()]);
    let own = Server::start(&["--data-dir", data.to_str().unwrap()]);
    for server in [&shared, &own] {
        server.import(&flags::import(FLAGS));
    }
    let post = script(folder.path());
    let title = format!("Requests per second, median of {ROUNDS} rounds");
    println!(
        "\n{title:<44} {:>9} {:>9} {:>9}",
        "Redis", "embedded", "ratio"
    );
    for (name, path, token, known, script) in [
        (
            "/api/client/features, full body",
            FEATURES,
            BACKEND,
            false,
            None,
        ),
        ("/api/client/features, 304", FEATURES, BACKEND, true, None),
        (
            "/api/frontend, 1,000 flags evaluated",
            QUERY,
            FRONTEND,
            false,
            None,
        ),
        (
            "/api/client/metrics",
            "/api/client/metrics",
            BACKEND,
            false,
            Some(post.as_path()),
        ),
    ] {
        let measure = |server: &Server| {
            let mut headers = headers(token);
            if known {
                headers.push(format!("If-None-Match: {}", etag(server.address)));
            }
            wrk(server.address, path, &headers, script)
        };
        let [mut with, mut without, mut ratios] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let (shared, own) = (measure(&shared), measure(&own));
            with.push(shared);
            without.push(own);
            ratios.push(shared / own);
        }
        println!(
            "{name:<44} {:>9.0} {:>9.0} {:>9.3}",
            median(&mut with),
            median(&mut without),
            median(&mut ratios)
        );
    }
    println!(
        "{:<44} {:>9.1} {:>9.1}",
        "resident memory afterwards, MiB",
        shared.memory(),
        own.memory()
    );
    shared.stop();
    own.stop();
}
