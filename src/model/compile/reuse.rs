//! A program that is known is not added again: a model that is edited over and over grows by what is new in it only.
//!
//! A program is emitted at the end of the tables and then compared with those of its owner that stand there already,
//! from this model or from any before it. Where one is the same but for where it stands, the new one is taken off
//! again.

use super::Compiler;
use crate::model::program::Program;
use crate::model::{CodeEntry, Instr, Model, NO_PC, Pc, SiteId};

/// The ends of the tables, where a program begins.
#[derive(Clone, Copy)]
pub(super) struct Start {
    code: usize,
    sites: usize,
    branches: usize,
    choices: usize,
}

impl Compiler<'_> {
    /// A program begins here.
    pub(super) fn begin(&self) -> Start {
        let Model { code, sites, branches, choices, .. } = &self.m;
        Start { code: code.len(), sites: sites.len(), branches: branches.len(), choices: choices.len() }
    }

    /// It ends here. Its entry: that of the same program if there is one already.
    pub(super) fn end(&mut self, start: Start) -> Pc {
        let end = self.begin();
        let program = Program {
            code: start.code..end.code,
            sites: start.sites..end.sites,
            branches: start.branches..end.branches,
            choices: start.choices..end.choices,
        };
        let Some(first) = self.m.code.get(start.code) else { return NO_PC };
        let key = first.key;
        let known = self.m.programs.get(&key).and_then(|known| known.iter().find(|known| self.same(known, &program)));
        if let Some(known) = known {
            let entry = known.code.start as Pc;
            self.m.code.truncate(start.code);
            self.m.sites.truncate(start.sites);
            self.m.branches.truncate(start.branches);
            self.m.choices.truncate(start.choices);
            return entry;
        }
        self.m.programs.entry(key).or_default().push(program);
        start.code as Pc
    }

    fn same(&self, known: &Program, new: &Program) -> bool {
        let by = Distance {
            code: (new.code.start - known.code.start) as u32,
            sites: (new.sites.start - known.sites.start) as u32,
            branches: (new.branches.start - known.branches.start) as u32,
            choices: (new.choices.start - known.choices.start) as u32,
        };
        let m = &self.m;
        let step = |known: &CodeEntry, new: &CodeEntry| {
            known.key == new.key && by.pc(known.handler) == new.handler && by.instr(&known.instr) == new.instr
        };
        let branch = |known: &Pc, new: &Pc| by.pc(*known) == *new;
        let choice = |known: &(f64, Pc), new: &(f64, Pc)| (known.0, by.pc(known.1)) == *new;
        agree(&m.code[known.code.clone()], &m.code[new.code.clone()], step)
            && agree(&m.sites.as_slice()[known.sites.clone()], &m.sites.as_slice()[new.sites.clone()], PartialEq::eq)
            && agree(&m.branches[known.branches.clone()], &m.branches[new.branches.clone()], branch)
            && agree(&m.choices[known.choices.clone()], &m.choices[new.choices.clone()], choice)
    }
}

fn agree<T>(known: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    known.len() == new.len() && known.iter().zip(new).all(|(known, new)| same(known, new))
}

/// From where one program stands to where another does.
struct Distance {
    code: u32,
    sites: u32,
    branches: u32,
    choices: u32,
}

impl Distance {
    fn pc(&self, pc: Pc) -> Pc {
        if pc == NO_PC { NO_PC } else { pc + self.code }
    }

    /// The instruction as it would be there.
    fn instr(&self, instr: &Instr) -> Instr {
        match *instr {
            Instr::Call(site) => Instr::Call(SiteId::new(site.index() + self.sites as usize)),
            Instr::Repeat { counter, count, end } => Instr::Repeat { counter, count, end: self.pc(end) },
            Instr::Next { counter, start } => Instr::Next { counter, start: self.pc(start) },
            Instr::Fork { first, count, need } => Instr::Fork { first: first + self.branches, count, need },
            Instr::Background { next } => Instr::Background { next: self.pc(next) },
            Instr::Enqueue { next } => Instr::Enqueue { next: self.pc(next) },
            Instr::Choose { first, count } => Instr::Choose { first: first + self.choices, count },
            Instr::Jump(to) => Instr::Jump(self.pc(to)),
            Instr::Lookup { access, depth, miss } => Instr::Lookup { access, depth, miss: self.pc(miss) },
            Instr::IfHit { depth, miss } => Instr::IfHit { depth, miss: self.pc(miss) },
            Instr::Cpu(_)
            | Instr::Delay(_)
            | Instr::Send(_)
            | Instr::Receive(_)
            | Instr::PassOn
            | Instr::Disk(_)
            | Instr::Spawn { .. }
            | Instr::Hold
            | Instr::HoldFor(_)
            | Instr::Fill { .. }
            | Instr::Serve
            | Instr::Read
            | Instr::Replicate
            | Instr::Applied
            | Instr::Acquire { .. }
            | Instr::Release { .. }
            | Instr::Put(_)
            | Instr::Invalidate(_)
            | Instr::Fail(_)
            | Instr::Return
            | Instr::Degrade => instr.clone(),
        }
    }
}
