//! Reading the metrics that applications define themselves (contract METRICS §4). Pure. What makes no sense is left
//! out and counted; the rest is read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::usage::{ImpactKind, ImpactMetric, ImpactSample, ImpactValue};

/// How many bounds a histogram may have.
const MOST_BUCKETS: usize = 50;

/// How many labels a number may have.
const MOST_LABELS: usize = 10;

/// Reads a list of metrics. Also says how many metrics and numbers of metrics were left out.
#[must_use]
pub fn read<'v>(items: impl IntoIterator<Item = &'v Value>) -> (Vec<ImpactMetric>, usize) {
    let (mut metrics, mut left_out) = (Vec::new(), 0);
    for item in items {
        match metric(item) {
            Some((metric, bad)) => {
                left_out += bad;
                metrics.push(metric);
            }
            None => left_out += 1,
        }
    }
    (metrics, left_out)
}

fn metric(item: &Value) -> Option<(ImpactMetric, usize)> {
    let kind = match item.get("type")?.as_str()? {
        "counter" => ImpactKind::Counter,
        "gauge" => ImpactKind::Gauge,
        "histogram" => ImpactKind::Histogram,
        _ => return None,
    };
    let name = item.get("name")?.as_str().filter(|name| !name.is_empty())?;
    let help = item.get("help")?.as_str()?;
    let given = item.get("samples")?.as_array()?;
    let samples: Vec<_> = given.iter().filter_map(|it| sample(kind, it)).collect();
    let left_out = given.len() - samples.len();
    let metric = ImpactMetric {
        name: name.to_owned(),
        help: help.to_owned(),
        kind,
        samples,
    };
    Some((metric, left_out))
}

fn sample(kind: ImpactKind, item: &Value) -> Option<ImpactSample> {
    let value = match kind {
        ImpactKind::Gauge => ImpactValue::Number(item.get("value")?.as_f64()?),
        ImpactKind::Counter => {
            let grown = item.get("value")?.as_f64()?;
            ImpactValue::Number(Some(grown).filter(|it| *it >= 0.0)?)
        }
        ImpactKind::Histogram => distribution(item)?,
    };
    Some(ImpactSample {
        labels: match item.get("labels") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(labels) => read_labels(labels.as_object()?)?,
        },
        value,
    })
}

fn read_labels(given: &Map<String, Value>) -> Option<BTreeMap<String, String>> {
    if given.len() > MOST_LABELS {
        return None;
    }
    let label = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((name.clone(), text))
    };
    given.iter().map(label).collect()
}

fn distribution(item: &Value) -> Option<ImpactValue> {
    let count = item.get("count")?.as_u64()?;
    let sum = item.get("sum")?.as_f64()?;
    let given = item.get("buckets")?.as_array()?;
    let mut buckets: Vec<(f64, u64)> = given.iter().map(bucket).collect::<Option<_>>()?;
    if buckets.last().is_none_or(|(bound, _)| bound.is_finite()) {
        buckets.push((f64::INFINITY, count));
    }
    let in_order = buckets
        .iter()
        .zip(buckets.iter().skip(1))
        .all(|(one, next)| one.0 < next.0 && one.1 <= next.1);
    let whole = buckets.last().is_some_and(|(_, all)| *all == count);
    let good = in_order && whole && buckets.len() <= MOST_BUCKETS;
    good.then_some(ImpactValue::Distribution {
        count,
        sum,
        buckets,
    })
}

fn bucket(item: &Value) -> Option<(f64, u64)> {
    let bound = match item.get("le")? {
        Value::String(text) if text == "+Inf" => f64::INFINITY,
        bound => bound.as_f64()?,
    };
    Some((bound, item.get("count")?.as_u64()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_sdks_send_is_read() {
        let items = [
            json!({"name": "clicks", "help": "Clicks.", "type": "counter",
                "samples": [{"labels": {"shop": "a", "floor": 2}, "value": 5}]}),
            json!({"name": "load", "help": "", "type": "gauge", "samples": [{"value": -0.5}]}),
            json!({"name": "ms", "help": "", "type": "histogram", "samples": [
                {"count": 3, "sum": 7.5, "buckets": [{"le": 1, "count": 1}, {"le": "+Inf", "count": 3}]},
                {"count": 3, "sum": 7.5, "buckets": [{"le": 1, "count": 1}]},
            ]}),
        ];
        let (metrics, left_out) = read(&items);
        assert_eq!((metrics.len(), left_out), (3, 0));
        let labels = &metrics[0].samples[0].labels;
        assert_eq!(labels.get("floor").map(String::as_str), Some("2"));
        assert_eq!(metrics[1].samples[0].value, ImpactValue::Number(-0.5));
        let expected = ImpactValue::Distribution {
            count: 3,
            sum: 7.5,
            buckets: vec![(1.0, 1), (f64::INFINITY, 3)],
        };
        assert!(metrics[2].samples.iter().all(|it| it.value == expected));
    }

    #[test]
    fn what_makes_no_sense_is_left_out_and_the_rest_stays() {
        let good = json!({"value": 1});
        for (samples, left) in [
            (json!([good, {"value": -1}]), 1),
            (json!([good, {"value": "1"}, {}]), 1),
            (json!([good, {"value": 1, "labels": {"a": null}}]), 1),
            (json!([good, {"value": 1, "labels": "a"}]), 1),
        ] {
            let item = json!({"name": "n", "help": "", "type": "counter", "samples": samples});
            let (metrics, left_out) = read([&item]);
            assert_eq!(metrics[0].samples.len(), left, "{item}");
            assert!(left_out > 0);
        }
        for bad in [
            json!({"count": 1, "sum": 1, "buckets": [{"le": 2, "count": 1}, {"le": 1, "count": 1}]}),
            json!({"count": 1, "sum": 1, "buckets": [{"le": 1, "count": 2}, {"le": 2, "count": 1}]}),
            json!({"count": 2, "sum": 1, "buckets": [{"le": "+Inf", "count": 1}]}),
            json!({"count": -1, "sum": 1, "buckets": []}),
            json!({"count": 1, "sum": 1, "buckets": [{"le": "1", "count": 1}]}),
        ] {
            let item = json!({"name": "n", "help": "", "type": "histogram", "samples": [bad]});
            assert_eq!(read([&item]).1, 1, "{item}");
        }
        for bad in [
            json!({"name": "n"}),
            json!(7),
            json!({"name": "", "help": "", "type": "counter", "samples": []}),
            json!({"name": "n", "help": "", "type": "summary", "samples": []}),
        ] {
            assert_eq!(read([&bad]), (Vec::new(), 1), "{bad}");
        }
    }
}
