//! How long things take: quantiles of the last ten minutes, and sums since the start.

use std::time::{Duration, Instant};

/// Which quantiles are told: those of the reference.
pub(super) const QUANTILES: [f64; 5] = [0.1, 0.5, 0.9, 0.95, 0.99];

/// The ten minutes are told apart in parts, the oldest of which is forgotten as a new one begins.
const PARTS: usize = 5;
const PART: Duration = Duration::from_secs(120);

/// Bins double every four: a quantile is off by a tenth at most. The first ends at eight microseconds, the last begins
/// at two minutes.
const BINS: usize = 98;
const FIRST: u32 = 13;

/// Which part of the time since the start it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch(Instant);

impl Epoch {
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }

    /// The part `at` belongs to.
    pub(super) fn part(self, at: Instant) -> u64 {
        at.saturating_duration_since(self.0).as_secs() / PART.as_secs()
    }
}

/// Times of one kind of thing.
#[derive(Clone, Default, Debug)]
pub(super) struct Summary {
    count: u64,
    sum: Duration,
    parts: [Part; PARTS],
}

#[derive(Clone, Default, Debug)]
struct Part {
    number: u64,
    bins: Option<Box<[u32; BINS]>>,
}

impl Summary {
    pub(super) fn add(&mut self, took: Duration, part: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
        if let Some(bin) = self.bins(part).get_mut(bin_of(took)) {
            *bin = bin.saturating_add(1);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        for part in &other.parts {
            let Some(theirs) = &part.bins else { continue };
            let newer = self.slot(part.number).number > part.number;
            if !newer {
                let own = self.bins(part.number).iter_mut();
                own.zip(theirs.iter())
                    .for_each(|(own, their)| *own = own.saturating_add(*their));
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn sum(&self) -> Duration {
        self.sum
    }

    /// The quantiles in seconds as of `now`; not a number when nothing happened for ten minutes.
    pub(super) fn quantiles(&self, now: u64) -> [f64; QUANTILES.len()] {
        let mut bins = [0_u64; BINS];
        let parts = self.parts.iter();
        for part in parts.filter(|part| now.saturating_sub(part.number) < PARTS as u64) {
            let counts = part.bins.iter().flat_map(|it| it.iter());
            bins.iter_mut()
                .zip(counts)
                .for_each(|(bin, count)| *bin += u64::from(*count));
        }
        QUANTILES.map(|rank| quantile(&bins, rank))
    }

    fn slot(&mut self, number: u64) -> &mut Part {
        let [first, second, third, fourth, fifth] = &mut self.parts;
        match number % PARTS as u64 {
            0 => first,
            1 => second,
            2 => third,
            3 => fourth,
            _ => fifth,
        }
    }

    fn bins(&mut self, number: u64) -> &mut [u32; BINS] {
        let slot = self.slot(number);
        if slot.number < number {
            slot.number = number;
            if let Some(bins) = &mut slot.bins {
                bins.fill(0);
            }
        }
        slot.bins.get_or_insert_with(|| Box::new([0; BINS]))
    }
}

/// The bin of a time.
fn bin_of(took: Duration) -> usize {
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
    let octave = nanos.ilog2();
    if octave < FIRST {
        return 0;
    }
    let quarter = (nanos >> (octave - 2)) & 3;
    let bin = u64::from(octave - FIRST) * 4 + quarter + 1;
    usize::try_from(bin).unwrap_or(BINS).min(BINS - 1)
}

/// Where a bin begins, in seconds.
#[expect(clippy::cast_precision_loss, reason = "it is a small number")]
fn begin(bin: usize) -> f64 {
    let Some(place) = bin.checked_sub(1) else {
        return 0.0;
    };
    let octave = f64::from(FIRST) + (place / 4) as f64;
    octave.exp2() * (1.0 + (place % 4) as f64 / 4.0) / 1e9
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of ten minutes are far from where floats have gaps"
)]
fn quantile(bins: &[u64; BINS], rank: f64) -> f64 {
    let all: u64 = bins.iter().sum();
    let wanted = rank * all as f64;
    let mut below = 0.0;
    for (bin, count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        let count = *count as f64;
        if below + count >= wanted {
            let share = ((wanted - below) / count).clamp(0.0, 1.0);
            return begin(bin) + share * (begin(bin + 1) - begin(bin));
        }
        below += count;
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn bins_follow_one_another() {
        for bin in 1..BINS - 1 {
            let inside = Duration::from_secs_f64((begin(bin) + begin(bin + 1)) / 2.0);
            assert_eq!(bin_of(inside), bin);
            assert!(begin(bin + 1) / begin(bin) <= 1.26);
        }
        assert_eq!(bin_of(Duration::ZERO), 0);
        assert_eq!(bin_of(Duration::MAX), BINS - 1);
    }

    #[test]
    fn quantiles_are_near_the_truth() {
        let mut one = Summary::default();
        let mut other = Summary::default();
        for number in 1..=1000 {
            let half = if number % 2 == 0 {
                &mut one
            } else {
                &mut other
            };
            half.add(millis(number), 7);
        }
        one.merge(&other);
        assert_eq!((one.count(), one.sum()), (1000, millis(500_500)));
        for (rank, found) in QUANTILES.iter().zip(one.quantiles(7)) {
            assert!((found / rank - 1.0).abs() < 0.1, "{rank}: {found}");
        }
    }

    #[test]
    fn what_is_older_than_ten_minutes_is_forgotten_and_still_summed() {
        let mut summary = Summary::default();
        summary.add(millis(8000), 0);
        summary.add(millis(1), 3);
        let median = |summary: &Summary, part| summary.quantiles(part)[4];
        assert!(median(&summary, 4) > 7.0);
        assert!(median(&summary, 5) < 0.01);
        assert!(median(&summary, 8).is_nan());
        summary.add(millis(1), 5);
        assert!(median(&summary, 5) < 0.01, "its place was cleared");
        assert_eq!((summary.count(), summary.sum()), (3, millis(8002)));
        let mut late = Summary::default();
        late.add(millis(4), 5);
        let mut early = Summary::default();
        early.add(millis(8000), 0);
        late.merge(&early);
        assert!(median(&late, 5) < 0.01);
        assert_eq!(late.count(), 2);
    }

    #[test]
    fn an_epoch_has_parts_of_two_minutes() {
        let epoch = Epoch::now();
        assert_eq!(epoch.part(epoch.0), 0);
        assert_eq!(epoch.part(epoch.0 + Duration::from_secs(359)), 2);
    }
}
