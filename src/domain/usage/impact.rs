//! Metrics that applications define themselves. Pure data.

use std::collections::BTreeMap;

/// What kind of number a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImpactKind {
    /// It only grows; what is reported is added.
    Counter,
    /// It is what was reported last.
    Gauge,
    /// How many values there were up to each bound; what is reported is added.
    Histogram,
}

impl ImpactKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric as an SDK reports it.
#[derive(Clone, PartialEq, Debug)]
pub struct ImpactMetric {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub help: String,
    /// What kind of number it is.
    pub kind: ImpactKind,
    /// Its numbers.
    pub samples: Vec<ImpactSample>,
}

/// A number with its labels.
#[derive(Clone, PartialEq, Debug)]
pub struct ImpactSample {
    /// Names and values of labels.
    pub labels: BTreeMap<String, String>,
    /// The number.
    pub value: ImpactValue,
}

/// What a number is.
#[derive(Clone, PartialEq, Debug)]
pub enum ImpactValue {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Distribution {
        /// How many values there were.
        count: u64,
        /// Their sum.
        sum: f64,
        /// Upper bounds in order, with how many values were not above; the last bound is infinite.
        buckets: Vec<(f64, u64)>,
    },
}
