//! How long requests take, by route.
//!
//! Each worker has a book of its own, so that requests on different cores never wait for one another; whoever scrapes
//! adds them up. Noting a request like one before it allocates nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use prometheus::proto::{MetricFamily, MetricType};

use super::budget::OTHER;
use super::family;
use super::summary::{Epoch, QUANTILES, Summary};

/// How many applications may have series of their own, and how many series they may have together. The rest is noted
/// under `other`, by route, method and status all the same.
const MOST_APPLICATIONS: usize = 100;
const MOST_SERIES: usize = 250;

/// The longest name of an application that gets series of its own.
const LONGEST: usize = 100;

/// What stands for paths that are no route.
const HIDDEN: &str = "(hidden)";

/// What stands for the application when a request does not say.
const UNDEFINED: &str = "undefined";

/// Upper bounds in milliseconds, as the reference has them.
const BOUNDS: [u32; 11] = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/// A route that requests are noted under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Its path, with the names of parameters and not what they are.
    pub path: String,
    /// Whether SDKs call it.
    pub sdk: bool,
}

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'r> {
    /// The number of its route, in the order in which they were told; none for a path that is no route.
    pub route: Option<u16>,
    /// Its method.
    pub method: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What the application calls itself.
    pub app: Option<&'r str>,
    /// When it came.
    pub begun: Instant,
}

/// The times of all requests.
#[derive(Debug)]
pub(super) struct Requests {
    epoch: Epoch,
    routes: OnceLock<Vec<Route>>,
    names: Arc<Mutex<Names>>,
    books: Mutex<Vec<Arc<Mutex<Book>>>>,
}

/// The book of one worker.
#[derive(Clone, Debug)]
pub struct RequestTimes {
    epoch: Epoch,
    names: Arc<Mutex<Names>>,
    book: Arc<Mutex<Book>>,
}

/// Which applications have series of their own.
#[derive(Default, Debug)]
struct Names {
    numbers: HashMap<Box<str>, u16>,
    series: HashSet<Key>,
}

const NOBODY: u16 = u16::MAX;
const SOMEBODY: u16 = u16::MAX - 1;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Key {
    route: u16,
    method: &'static str,
    status: u16,
    app: u16,
}

#[derive(Default, Debug)]
struct Book {
    apps: HashMap<Box<str>, u16>,
    /// Where what would be a series is noted.
    places: HashMap<Key, Key>,
    times: HashMap<Key, Times>,
    /// Whether all applications that have a number are known here, and no more will get one.
    complete: bool,
}

#[derive(Clone, Default, Debug)]
struct Times {
    summary: Summary,
    /// How many took no longer than each bound, and longer than the one before.
    buckets: [u64; BOUNDS.len()],
}

impl Times {
    fn add(&mut self, took: Duration, part: u64) {
        self.summary.add(took, part);
        let bounds = BOUNDS.iter().zip(&mut self.buckets);
        let fits = |bound: &u32| took <= Duration::from_millis((*bound).into());
        if let Some((_, bucket)) = bounds.into_iter().find(|(bound, _)| fits(bound)) {
            *bucket += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.summary.merge(&other.summary);
        let buckets = self.buckets.iter_mut().zip(other.buckets);
        buckets.for_each(|(own, their)| *own += their);
    }
}

impl Requests {
    pub(super) fn new() -> Self {
        Self {
            epoch: Epoch::now(),
            routes: OnceLock::new(),
            names: Arc::default(),
            books: Mutex::default(),
        }
    }

    /// Says which routes there are. Only the first call counts.
    pub(super) fn know_routes(&self, routes: Vec<Route>) {
        let _ = self.routes.set(routes);
    }

    /// A book for one more worker.
    pub(super) fn worker(&self) -> RequestTimes {
        let book = Arc::default();
        locked(&self.books).push(Arc::clone(&book));
        RequestTimes {
            epoch: self.epoch,
            names: Arc::clone(&self.names),
            book,
        }
    }

    pub(super) fn families(&self) -> Vec<MetricFamily> {
        let all = self.added_up();
        let mut by_route: BTreeMap<Key, Times> = BTreeMap::new();
        for (key, times) in all.iter().filter(|(key, _)| self.is_for_sdks(key)) {
            let key = Key {
                app: NOBODY,
                ..*key
            };
            by_route.entry(key).or_default().merge(times);
        }
        let requests = family::family(
            "http_request_duration_milliseconds",
            "How long requests took, by route; quantiles are of the last ten minutes.",
            MetricType::SUMMARY,
            self.summaries(&all),
        );
        let sdk = by_route
            .iter()
            .map(|(key, times)| self.histogram(key, times));
        let sdk = family::family(
            "http_sdk_request_duration_milliseconds",
            "How long requests of SDKs took, by route.",
            MetricType::HISTOGRAM,
            sdk.collect(),
        );
        requests.into_iter().chain(sdk).collect()
    }

    fn added_up(&self) -> BTreeMap<Key, Times> {
        let mut all: BTreeMap<Key, Times> = BTreeMap::new();
        for book in locked(&self.books).iter() {
            for (key, times) in &locked(book).times {
                all.entry(*key).or_default().merge(times);
            }
        }
        all
    }

    fn summaries(&self, all: &BTreeMap<Key, Times>) -> Vec<prometheus::proto::Metric> {
        let now = self.epoch.part(Instant::now());
        let names = locked(&self.names);
        let apps: HashMap<u16, &str> = names.numbers.iter().map(|(a, b)| (*b, &**a)).collect();
        let series = all.iter().map(|(key, times)| {
            let app = match key.app {
                NOBODY => UNDEFINED,
                number => apps.get(&number).copied().unwrap_or(OTHER),
            };
            let labels = self.labels(key, &key.status.to_string(), [("appName", app)]);
            let found = times.summary.quantiles(now).map(|it| it * 1000.0);
            let sum = times.summary.sum().as_secs_f64() * 1000.0;
            family::summary(
                labels.iter().map(|(name, value)| (*name, value.as_str())),
                (times.summary.count(), sum),
                QUANTILES.into_iter().zip(found),
            )
        });
        series.collect()
    }

    fn histogram(&self, key: &Key, times: &Times) -> prometheus::proto::Metric {
        let labels = self.labels(key, &key.status.to_string(), []);
        let sums = times.buckets.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        family::histogram(
            labels.iter().map(|(name, value)| (*name, value.as_str())),
            (
                times.summary.count(),
                times.summary.sum().as_secs_f64() * 1000.0,
            ),
            BOUNDS.into_iter().map(f64::from).zip(sums),
        )
    }

    fn labels<const MORE: usize>(
        &self,
        key: &Key,
        status: &str,
        more: [(&'static str, &str); MORE],
    ) -> Vec<(&'static str, String)> {
        let path = self.route(key).map_or(HIDDEN, |route| &route.path);
        let own = [("path", path), ("method", key.method), ("status", status)];
        let all = own.into_iter().chain(more);
        all.map(|(name, value)| (name, value.to_owned())).collect()
    }

    fn route(&self, key: &Key) -> Option<&Route> {
        self.routes.get()?.get(usize::from(key.route))
    }

    fn is_for_sdks(&self, key: &Key) -> bool {
        self.route(key).is_some_and(|route| route.sdk)
    }
}

impl RequestTimes {
    /// Notes a request that was just answered.
    pub fn note(&self, request: Answered<'_>) {
        let now = Instant::now();
        let took = now.saturating_duration_since(request.begun);
        let mut book = locked(&self.book);
        let key = Key {
            route: request.route.unwrap_or(u16::MAX),
            method: request.method,
            status: request.status,
            app: self.app(&mut book, request),
        };
        let place = match book.places.get(&key) {
            Some(place) => *place,
            None => {
                let place = self.place(key);
                book.places.insert(key, place);
                place
            }
        };
        let times = book.times.entry(place).or_default();
        times.add(took, self.epoch.part(now));
    }

    /// The number of the application. Only requests that succeed bring new ones: strangers cannot use them up.
    fn app(&self, book: &mut Book, request: Answered<'_>) -> u16 {
        let name = match request.app {
            None | Some("") => return NOBODY,
            Some(name) => name,
        };
        if let Some(known) = book.apps.get(name) {
            return *known;
        }
        if book.complete || request.status >= 400 || name.len() > LONGEST {
            return SOMEBODY;
        }
        let mut names = locked(&self.names);
        let next = names.numbers.len();
        if !names.numbers.contains_key(name) && next < MOST_APPLICATIONS {
            let number = u16::try_from(next).unwrap_or(SOMEBODY);
            names.numbers.insert(name.into(), number);
        }
        if names.numbers.len() >= MOST_APPLICATIONS {
            book.apps.clone_from(&names.numbers);
            book.complete = true;
        } else {
            let known = names.numbers.get(name).copied().unwrap_or(SOMEBODY);
            book.apps.insert(name.into(), known);
        }
        names.numbers.get(name).copied().unwrap_or(SOMEBODY)
    }

    /// Where a series is noted: under its own name, or under `other` when there are too many.
    fn place(&self, key: Key) -> Key {
        if key.app == NOBODY || key.app == SOMEBODY {
            return key;
        }
        let mut names = locked(&self.names);
        if names.series.len() < MOST_SERIES {
            names.series.insert(key);
        }
        match names.series.contains(&key) {
            true => key,
            false => Key {
                app: SOMEBODY,
                ..key
            },
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests() -> Requests {
        let requests = Requests::new();
        requests.know_routes(vec![
            Route {
                path: "/api/client/features".into(),
                sdk: true,
            },
            Route {
                path: "/api/admin/features/:name".into(),
                sdk: false,
            },
        ]);
        requests
    }

    fn answered(route: Option<u16>, status: u16, app: Option<&str>) -> Answered<'_> {
        Answered {
            route,
            method: "GET",
            status,
            app,
            begun: Instant::now(),
        }
    }

    fn text(requests: &Requests) -> String {
        let encoder = prometheus::TextEncoder::new();
        encoder.encode_to_string(&requests.families()).unwrap()
    }

    fn sum(text: &str, series: &str) -> f64 {
        let lines = text.lines().filter(|line| line.starts_with(series));
        let numbers = lines.map(|line| line.rsplit(' ').next().unwrap());
        numbers.map(|it| it.parse::<f64>().unwrap()).sum()
    }

    #[test]
    fn workers_add_up() {
        let requests = requests();
        for _ in 0..3 {
            let worker = requests.worker();
            worker.note(answered(Some(0), 200, Some("shop")));
            worker.note(answered(Some(0), 200, None));
            worker.note(answered(Some(1), 200, Some("shop")));
            worker.note(answered(None, 404, Some("nobody knows it")));
        }
        let text = text(&requests);
        for (series, expected) in [
            (
                "http_request_duration_milliseconds_count{path=\"/api/client/features\",method=\"GET\",status=\"200\",appName=\"shop\"}",
                3.0,
            ),
            (
                "http_request_duration_milliseconds_count{path=\"/api/client/features\",method=\"GET\",status=\"200\",appName=\"undefined\"}",
                3.0,
            ),
            (
                "http_request_duration_milliseconds_count{path=\"(hidden)\",method=\"GET\",status=\"404\",appName=\"other\"}",
                3.0,
            ),
            (
                "http_sdk_request_duration_milliseconds_count{path=\"/api/client/features\",method=\"GET\",status=\"200\"}",
                6.0,
            ),
            ("http_sdk_request_duration_milliseconds_bucket{", 72.0),
            ("http_sdk_request_duration_milliseconds_count{", 6.0),
            ("http_request_duration_milliseconds_count{", 12.0),
        ] {
            assert_eq!(sum(&text, series), expected, "{series}\n{text}");
        }
    }

    #[test]
    fn applications_are_bounded_and_no_request_is_lost() {
        let requests = requests();
        let workers = [requests.worker(), requests.worker()];
        for number in 0..1000 {
            let name = format!("app {number}");
            for worker in &workers {
                worker.note(answered(Some(0), 200, Some(&name)));
                worker.note(answered(Some(1), 200, Some(&name)));
                worker.note(answered(Some(1), 304, Some(&name)));
                worker.note(answered(Some(1), 204, Some(&name)));
            }
        }
        let text = text(&requests);
        let count = "http_request_duration_milliseconds_count{";
        let series = text.lines().filter(|line| line.starts_with(count)).count();
        assert!(series <= MOST_SERIES + 4, "{series}");
        assert!(series >= MOST_SERIES, "{series}");
        assert_eq!(sum(&text, count), 8000.0);
    }

    #[test]
    fn noting_what_is_known_allocates_nothing() {
        let requests = requests();
        let worker = requests.worker();
        let note_all = || {
            for app in [None, Some("shop"), Some("till")] {
                worker.note(answered(Some(0), 200, app));
                worker.note(answered(None, 404, app));
            }
        };
        note_all();
        assert_eq!(allocation_counter::measure(note_all).count_total, 0);
    }
}
