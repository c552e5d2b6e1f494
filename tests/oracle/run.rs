//! The random test.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use burgee::engine::{Context, Dice, Scratch};

use crate::compare::{Answer, Pair, Scripted};
use crate::context::User;
use crate::coverage::Coverage;
use crate::excuses::{Difference, excuses};
use crate::generate::{FlagSet, Generator, OPERATORS, STICKINESS, STRATEGIES, name_of};
use crate::official::{self, Chance};
use crate::pools::{self, PROPERTIES, ROOTS};

/// Contexts for each set of flags: compiling a set costs the oracle as much as a hundred answers.
const CONTEXTS: u64 = 50;
const PAIRS: u64 = 200_000;
const SEED: u64 = 20_261_122;

#[test]
fn random_flags_are_what_the_oracle_says() {
    let setting = |name, default| std::env::var(name).map_or(default, |it| it.parse().unwrap());
    let (pairs, seed) = (setting("ORACLE_PAIRS", PAIRS), setting("ORACLE_SEED", SEED));
    let sets = pairs.div_ceil(CONTEXTS);
    let workers = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    println!("seed {seed}, {sets} sets of flags, {CONTEXTS} contexts each, {workers} threads");

    let start = Instant::now();
    let reached = std::thread::scope(|scope| {
        let work = |worker| {
            move || {
                (worker..sets)
                    .step_by(workers as usize)
                    .fold(Coverage::default(), |reached, set| {
                        compare_set(seed, set, reached)
                    })
            }
        };
        let threads: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(work(worker)))
            .collect();
        let mut all = Coverage::default();
        for thread in threads {
            all.merge(thread.join().unwrap());
        }
        all
    });
    reached.print();
    println!(
        "{} pairs, {} answers in {:?}",
        reached.count("compared pairs"),
        reached.count("compared answers"),
        start.elapsed()
    );

    assert!(reached.count("compared pairs") >= pairs);
    let wanted = wanted();
    let missing = reached.missing(&wanted, 10);
    assert!(
        missing.is_empty(),
        "reached fewer than ten times: {missing:?}"
    );
    let excused = reached.count("answers: excused");
    assert!(
        excused * 10 < reached.count("compared answers"),
        "too much is excused: {excused}"
    );
}

/// One set of flags, with all its contexts.
fn compare_set(seed: u64, set: u64, mut reached: Coverage) -> Coverage {
    // Odd multiples keep neighbouring sets apart; 0 would make chance stand still.
    let mut chance = Chance((seed ^ (set + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1);
    let mut generator = Generator {
        chance: &mut chance,
        reached: &mut reached,
    };
    let flags = generator.flag_set();
    let users: Vec<User> = (0..CONTEXTS).map(|_| generator.user()).collect();
    let mut comparison = Comparison {
        pair: Pair::new(&flags.features),
        excuses: excuses(&flags.features),
        dice: Scripted::new(&flags.features),
        scratch: Scratch::default(),
        chancy: BTreeSet::new(),
        origin: format!("ORACLE_SEED={seed}, set {set}"),
        flags: &flags,
        chance,
        reached,
    };
    for user in &users {
        comparison.compare(user);
    }
    comparison.reached
}

pub(crate) struct Comparison<'f> {
    pub(crate) flags: &'f FlagSet,
    pub(crate) pair: Pair,
    excuses: BTreeMap<&'f str, BTreeSet<Difference>>,
    pub(crate) dice: Scripted,
    scratch: Scratch,
    /// Flags that threw dice for the user at hand.
    chancy: BTreeSet<usize>,
    pub(crate) chance: Chance,
    pub(crate) reached: Coverage,
    origin: String,
}

impl Comparison<'_> {
    fn compare(&mut self, user: &User) {
        self.reached.note_pair(true, "compared", "pairs");
        self.chancy.clear();
        let mut answers = Vec::new();
        let context = official::context(&user.context);
        let features = &self.flags.features.features;
        for (feature, about) in features.iter().zip(&self.flags.about) {
            let answer = self.compare_flag(&feature.name, user, &context);
            if let Some(about) = about {
                let outcome = if answer.enabled {
                    "holds"
                } else {
                    "does not hold"
                };
                self.reached.note(format!("operator: {about} {outcome}"));
            }
            let index = self.pair.ours.find(&feature.name).unwrap();
            answers.push((index, answer));
        }
        self.compare_all_at_once(user, answers);
    }

    fn compare_flag(&mut self, flag: &str, user: &User, context: &Context<'_>) -> Answer {
        let index = self.pair.ours.find(flag).unwrap();
        self.dice.reset();
        let ours = self.pair.ours(index, user, context, &mut self.dice);
        self.reached.note_pair(true, "compared", "answers");
        let chancy = self.dice.was_thrown();
        if chancy {
            self.chancy.insert(index);
        }
        let agree = |it: &mut Self| {
            if chancy {
                return it.chance_agrees(flag, index, user)
                    && it.sampled_chance_agrees(flag, index, user, context);
            }
            it.dice.reset();
            it.pair.oracle(flag, user) == it.pair.ours(index, user, context, &mut it.dice)
        };
        let excuses = self.excuses.get(flag).cloned().unwrap_or_default();
        if !excuses.is_empty() {
            self.reached.note_pair(true, "answers:", "excused");
            let differs = !agree(self);
            for excuse in excuses {
                self.reached
                    .note_if(differs, format!("difference: {excuse:?}"));
            }
            return ours;
        }
        // The clock may have moved between the two answers: a difference must stay.
        if !agree(self) && !agree(self) && !agree(self) {
            self.fail(flag, index, user);
        }
        self.note_answer(&ours);
        ours
    }

    /// Evaluating all flags at once gives what evaluating each gives, and the JSON says the same.
    fn compare_all_at_once(&mut self, user: &User, answers: Vec<(usize, Answer)>) {
        if !self.chance.once_in(8) {
            return;
        }
        let all = self
            .pair
            .ours_all(user, &mut self.chance as &mut dyn Dice, &mut self.scratch);
        for (index, answer) in answers {
            if !self.chancy.contains(&index) {
                self.reached.note_pair(true, "answers:", "all at once");
                assert_eq!(all[index], answer, "{}", self.origin);
            }
        }
    }

    fn note_answer(&mut self, answer: &Answer) {
        let what = match (answer.enabled, answer.variant.enabled) {
            (false, _) => "off",
            (true, false) => "on",
            (true, true) => "variant",
        };
        self.reached.note_pair(true, "answer:", what);
        self.reached
            .note_pair(answer.variant.payload.is_some(), "answer:", "payload");
        self.reached
            .note_pair(answer.impression_data, "answer:", "impression data");
    }

    fn fail(&mut self, flag: &str, index: usize, user: &User) -> ! {
        let possible = self.possible(index, user);
        let oracle = self.pair.oracle(flag, user);
        panic!(
            "{}\nflags: {}\nflag: {flag}\nfault: {:?}\ncontext: {}\nhost: {:?}\noracle: {oracle:?}\nours: {possible:?}",
            self.origin,
            serde_json::to_string_pretty(&self.flags.features).unwrap(),
            self.pair.ours.flag(index).fault(),
            serde_json::to_string(&user.context).unwrap(),
            user.host,
        );
    }
}

/// What the random flags must reach.
fn wanted() -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    for operator in OPERATORS {
        let name = name_of(&operator);
        for inverted in ["", " inverted"] {
            wanted.push(format!("operator: {name}{inverted} holds"));
            wanted.push(format!("operator: {name}{inverted} does not hold"));
        }
        wanted.push(format!("operator: {name} ignoring case"));
    }
    wanted.extend(["operator: UNKNOWN", "operator: UNKNOWN inverted"].map(Into::into));
    wanted.extend(STRATEGIES.map(|name| format!("strategy: {name}")));
    wanted.extend(STICKINESS.map(|name| format!("stickiness: {name:?}")));
    wanted.extend(pools::SHARES.iter().map(|share| format!("share: {share}")));
    wanted.extend(
        pools::WEIGHTS
            .iter()
            .map(|weight| format!("weight: {weight}")),
    );
    for (name, _) in ROOTS.iter().chain(PROPERTIES) {
        wanted.push(format!("field: {name}"));
        wanted.push(format!("{name} missing"));
        wanted.push(format!("{name} empty"));
        wanted.push(format!("{name} not ASCII"));
    }
    wanted.extend(
        ROOTS
            .iter()
            .map(|(name, _)| format!("{name} among the properties")),
    );
    for name in ["userIds", "IPs", "hostNames"] {
        for form in ["missing", "0", "1", "4", "quotation mark"] {
            wanted.push(format!("{name}: {form}"));
        }
    }
    wanted.extend(Difference::ALL.map(|it| format!("difference: {it:?}")));
    let others = "dependency: on f|dependency: on c|dependency: on n|dependency: variants|dependency: enabled None|\
        dependency: enabled Some(true)|dependency: enabled Some(false)|segment: missing|segments: 0|segments: 2|\
        strategies: 0|strategies: 3|strategy variants: 0|strategy variants: 4|variants: 4|override|share: missing|\
        value: missing|value: unreadable|value: of another kind|value: v1.2.3|list: 0|list: 200|flag: switched off|\
        field: quotation mark|field: ends with a backslash|group: quotation mark|group: not ASCII|host known|\
        answer: off|answer: on|answer: variant|answer: payload|answer: impression data|answers: by chance|answers: by chance, both ways|\
        answers: all at once";
    wanted.extend(others.split('|').map(Into::into));
    wanted
}
