//! One environment as it is read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::flag::ServedFlag;
use super::frontend::FrontendView;
use super::query::{Filter, Selection};
use super::segments::ServedSegments;
use super::step::{Flags, find};
use super::view::View;
use crate::domain::api_token::TokenProjects;
use crate::domain::names::Revision;
use crate::engine::Program;
use crate::wire::client_features::SegmentMode;

/// How many unusual views of one environment are kept.
const RARE_VIEWS: usize = 32;

/// The flags of one environment: written out, compiled, and joined to bodies on first use.
#[derive(Debug)]
pub struct ServedEnvironment {
    name: String,
    revision: Revision,
    flags: Flags,
    program: Arc<Program>,
    segments: Arc<ServedSegments>,
    /// What tokens see: known ahead of time, so finding it takes no lock.
    scopes: BTreeMap<TokenProjects, Scope>,
    /// What was asked for with filters, newest last.
    rare: Mutex<VecDeque<(Selection, Slot)>>,
}

/// Where a view is, once somebody has asked for it.
type Slot = Arc<OnceLock<Arc<View>>>;

/// The views of the tokens that see the same projects.
#[derive(Clone, Debug, Default)]
struct Scope {
    global: Slot,
    inlined: Slot,
    frontend: Arc<OnceLock<Arc<FrontendView>>>,
}

impl Scope {
    fn slot(&self, mode: SegmentMode) -> &Slot {
        match mode {
            SegmentMode::Global => &self.global,
            SegmentMode::Inlined => &self.inlined,
        }
    }
}

/// What an environment is made of.
pub(super) struct Contents<'c> {
    pub(super) name: &'c str,
    pub(super) revision: Revision,
    pub(super) flags: Flags,
    pub(super) segments: &'c Arc<ServedSegments>,
}

impl ServedEnvironment {
    /// An environment of an instance without flags.
    pub(super) fn empty(segments: &Arc<ServedSegments>) -> Self {
        let contents = Contents {
            name: "",
            revision: Revision::EMPTY,
            flags: Arc::default(),
            segments,
        };
        Self::new(contents, &BTreeSet::new())
    }

    pub(super) fn new(contents: Contents<'_>, scopes: &BTreeSet<TokenProjects>) -> Self {
        let compiled = contents.flags.iter().map(|it| Arc::clone(it.compiled()));
        let program = Arc::new(Program::new(compiled.collect()));
        Self::with(contents, program, scopes.iter())
    }

    fn with<'t>(
        contents: Contents<'_>,
        program: Arc<Program>,
        scopes: impl Iterator<Item = &'t TokenProjects>,
    ) -> Self {
        Self {
            name: contents.name.to_owned(),
            revision: contents.revision,
            flags: contents.flags,
            program,
            segments: Arc::clone(contents.segments),
            scopes: scopes.map(|it| (it.clone(), Scope::default())).collect(),
            rare: Mutex::default(),
        }
    }

    /// The environment after a change, with `scopes` if they changed. What is the same is shared; bodies that were
    /// in use are written at once.
    pub(super) fn succeeded_by(
        self: &Arc<Self>,
        contents: Contents<'_>,
        scopes: Option<&BTreeSet<TokenProjects>>,
    ) -> Arc<Self> {
        let same_flags = Arc::ptr_eq(&self.flags, &contents.flags);
        let scopes = scopes.filter(|wanted| !self.scopes.keys().eq(wanted.iter()));
        if same_flags
            && self.revision == contents.revision
            && self.segments.json() == contents.segments.json()
        {
            return match scopes {
                None => Arc::clone(self),
                Some(scopes) => Arc::new(self.with_scopes(contents.segments, scopes)),
            };
        }
        let program = if same_flags {
            Arc::clone(&self.program)
        } else {
            let compiled = contents.flags.iter().map(|it| Arc::clone(it.compiled()));
            Arc::new(Program::new(compiled.collect()))
        };
        let next = match scopes {
            Some(scopes) => Self::with(contents, program, scopes.iter()),
            None => Self::with(contents, program, self.scopes.keys()),
        };
        next.warm(self);
        Arc::new(next)
    }

    /// The same content for other tokens.
    fn with_scopes(
        &self,
        segments: &Arc<ServedSegments>,
        scopes: &BTreeSet<TokenProjects>,
    ) -> Self {
        let known = |projects: &TokenProjects| self.scopes.get(projects).cloned();
        Self {
            name: self.name.clone(),
            revision: self.revision,
            flags: Arc::clone(&self.flags),
            program: Arc::clone(&self.program),
            segments: Arc::clone(segments),
            scopes: scopes
                .iter()
                .map(|projects| (projects.clone(), known(projects).unwrap_or_default()))
                .collect(),
            rare: Mutex::default(),
        }
    }

    /// Writes at once what somebody used in the environment this one takes the place of.
    fn warm(&self, before: &Self) {
        for (projects, scope) in &before.scopes {
            for mode in [SegmentMode::Global, SegmentMode::Inlined] {
                let used = scope.slot(mode).get().is_some_and(|view| view.is_used());
                if let Some(mine) = self.scopes.get(projects).filter(|_| used) {
                    mine.slot(mode)
                        .get_or_init(|| Arc::new(self.write(&self.plain(projects, mode))));
                }
            }
            let frontend = scope.frontend.get();
            if let (Some(mine), Some(theirs)) = (self.scopes.get(projects), frontend) {
                let view = FrontendView::new(&self.program, projects, theirs.capacity());
                mine.frontend.get_or_init(|| Arc::new(view));
            }
        }
    }

    /// The newest event that concerns it.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// All its flags, compiled.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// All its flags, by name.
    #[must_use]
    pub fn flags(&self) -> &Arc<Vec<Arc<ServedFlag>>> {
        &self.flags
    }

    /// How many bytes of JSON its flags are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.flags.iter().map(|flag| flag.size()).sum()
    }

    /// The flag of that name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Arc<ServedFlag>> {
        find(&self.flags, name)
    }

    /// The JSON of one flag.
    #[must_use]
    pub fn flag_json(&self, flag: &ServedFlag, mode: SegmentMode) -> bytes::Bytes {
        flag.json(mode, &self.segments).clone()
    }

    /// The body for tokens that see `projects`. Takes no lock and allocates nothing once the body is there.
    #[must_use]
    pub fn view(&self, projects: &TokenProjects, mode: SegmentMode) -> Arc<View> {
        let Some(scope) = self.scopes.get(projects) else {
            return self.filtered(Some(&self.name), projects, mode, &Filter::default());
        };
        let slot = scope.slot(mode);
        let view = slot.get_or_init(|| Arc::new(self.write(&self.plain(projects, mode))));
        view.mark_used();
        Arc::clone(view)
    }

    /// The body for tokens that see `projects`, filtered. `environment` is the name the answer repeats.
    #[must_use]
    pub fn filtered(
        &self,
        environment: Option<&str>,
        projects: &TokenProjects,
        mode: SegmentMode,
        filter: &Filter,
    ) -> Arc<View> {
        let selection = Selection {
            environment: environment.map(ToOwned::to_owned),
            projects: projects.clone(),
            mode,
            filter: filter.clone(),
        };
        let slot = self.rare_slot(&selection);
        Arc::clone(slot.get_or_init(|| Arc::new(self.write(&selection))))
    }

    /// What evaluating for tokens that see `projects` needs.
    #[must_use]
    pub fn frontend(&self, projects: &TokenProjects) -> Arc<FrontendView> {
        let make = || Arc::new(FrontendView::new(&self.program, projects, 0));
        match self.scopes.get(projects) {
            Some(scope) => Arc::clone(scope.frontend.get_or_init(make)),
            None => make(),
        }
    }

    fn plain(&self, projects: &TokenProjects, mode: SegmentMode) -> Selection {
        Selection {
            environment: Some(self.name.clone()),
            projects: projects.clone(),
            mode,
            filter: Filter::default(),
        }
    }

    /// The lock is held for the search only; writing the body happens outside.
    fn rare_slot(&self, selection: &Selection) -> Slot {
        let mut rare = self.rare.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = rare.iter().find(|(known, _)| known == selection) {
            return Arc::clone(slot);
        }
        if rare.len() >= RARE_VIEWS {
            rare.pop_front();
        }
        let slot = Arc::new(OnceLock::new());
        rare.push_back((selection.clone(), Arc::clone(&slot)));
        slot
    }

    fn write(&self, selection: &Selection) -> View {
        let wanted = || self.flags.iter().filter(|it| selection.wants(it.flag()));
        let json = |flag: &Arc<ServedFlag>| flag.json(selection.mode, &self.segments).len() + 1;
        let capacity = 512 + self.segments.json().len() + wanted().map(json).sum::<usize>();
        View::write(
            wanted().map(AsRef::as_ref),
            &selection.wire(),
            &self.segments,
            self.revision,
            capacity,
        )
    }
}
