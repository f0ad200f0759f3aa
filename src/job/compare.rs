//! Two deals on the same pool: the keys, the clauses and the cash that differ.

use std::path::Path;

use super::{ASSUMPTIONS, DEAL, Error, Job, Request, files};
use crate::analytics::of_tranche;
use crate::config::{Block, Change, Text};
use crate::deal::{Deal, Due, Step, clauses, terms};
use crate::finding::{Checked, Finding, Lang, Severity};
use crate::model::{Axis, Inputs, Model, Run};
use crate::money::Amount;
use crate::report::Manifest;

/// What differs between two deals.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Keys of the deal files, each with the files that it extends.
    pub keys: Vec<Change>,
    /// Keys of the assumptions files.
    pub assumptions: Vec<Change>,
    /// Steps whose words differ.
    pub clauses: Vec<ClauseChange>,
    /// What the deals do on the tape; `None` where there is no tape to run them on.
    pub cash: Option<Cash>,
}

/// The cash of two deals on one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Cash {
    /// The cash of each tranche, by its id.
    pub tranches: Vec<(String, [Option<Measures>; 2])>,
    /// Fees and tax paid over life.
    pub fees: [Amount; 2],
}

/// A step that two deals word differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseChange {
    /// The clause of the documents; empty when the step names none.
    pub clause: String,
    /// The words in the first deal; `None` when the step is new.
    pub old: Option<Text>,
    /// The words in the second deal; `None` when the step is gone.
    pub new: Option<Text>,
}

/// What a tranche gets over life.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Interest paid.
    pub interest: Amount,
    /// Principal paid.
    pub principal: Amount,
    /// Remainder paid.
    pub remainder: Amount,
    /// Interest that was carried and never paid.
    pub interest_short: Amount,
    /// Principal that was never paid.
    pub principal_short: Amount,
    /// Weighted average life in years; `None` without principal.
    pub wal: Option<f64>,
}

impl Comparison {
    /// Opens two deals and compares them. The second runs on the tape of the first, unless both are
    /// given another; where the first names no tape, or one that is not there, only what the files
    /// say is compared. `None` when a finding forbids to run one of them.
    ///
    /// # Errors
    ///
    /// When a file cannot be read at all.
    pub fn open(requests: [&Request; 2]) -> Result<Checked<Option<Comparison>>, Error> {
        let [first, second] = requests;
        if first.tape.is_none() && !has_tape(&first.deal)? {
            return Comparison::of_files(requests);
        }
        let (one, mut findings) = Job::open(first)?.into_parts();
        let second = match &one {
            // Each of several tapes belongs to its sub-pool: a deal that has them keeps its own.
            Some(one) if !one.deal.subpools.is_empty() || has_subpools(&second.deal)? => {
                second.clone()
            }
            Some(one) => {
                let mapping = one.deal.files.mapping.as_ref();
                let mapping = mapping.map(|file| first.deal.with_file_name(file));
                let mapping = second.mapping.clone().or(mapping);
                Request { tape: Some(one.tapes[0].path.clone()), mapping, ..second.clone() }
            }
            None => second.clone(),
        };
        let (other, found) = Job::open(&second)?.into_parts();
        // What both deals or the tape get wrong is told once.
        let more = found.into_iter().filter(|finding| !findings.contains(finding));
        let more: Vec<Finding> = more.collect();
        findings.extend(more);
        let (Some(one), Some(other)) = (one, other) else {
            return Ok(Checked::new(None, findings));
        };
        let compared = Comparison::new([(first, &one), (&second, &other)])?;
        Ok(Checked::new(Some(compared), findings))
    }

    /// Two deals by what their files say.
    fn of_files(requests: [&Request; 2]) -> Result<Checked<Option<Comparison>>, Error> {
        let (mut deals, mut findings) = (Vec::new(), Vec::new());
        for request in requests {
            let (deal, found) =
                super::read_deal(&request.deal, &mut Manifest::default())?.into_parts();
            findings.extend(found);
            deals.extend(deal);
        }
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        let ([one, other], false) = (&deals[..], refused) else {
            return Ok(Checked::new(None, findings));
        };
        let said = Comparison::said([(requests[0], one), (requests[1], other)], None)?;
        Ok(Checked::new(Some(said), findings))
    }

    fn new([one, other]: [(&Request, &Job); 2]) -> Result<Comparison, Error> {
        let jobs = [one.1, other.1];
        let runs = jobs.map(|job| {
            let model = job.model();
            let run = model.run(&Inputs::of(&model));
            (model, run)
        });
        let cash = Cash {
            tranches: tranches(jobs, &runs),
            fees: [0, 1].map(|side| fees(&jobs[side].deal, &runs[side])),
        };
        Comparison::said([(one.0, &one.1.deal), (other.0, &other.1.deal)], Some(cash))
    }

    fn said([one, other]: [(&Request, &Deal); 2], cash: Option<Cash>) -> Result<Comparison, Error> {
        let [keys, other_keys] = [one, other].map(|(request, _)| tree(&request.deal, DEAL));
        let [assumptions, other_assumptions] = [one, other].map(|(request, deal)| {
            let named = deal.files.assumptions.as_ref();
            let named = named.map(|file| request.deal.with_file_name(file));
            request.assumptions.clone().or(named)
        });
        let read = |path: Option<std::path::PathBuf>| match path {
            // Without a tape the assumptions need not be there either.
            Some(path) if cash.is_some() || path.exists() => tree(&path, ASSUMPTIONS),
            Some(_) | None => Ok(Block::default()),
        };
        Ok(Comparison {
            keys: keys?.changes(&other_keys?),
            assumptions: read(assumptions)?.changes(&read(other_assumptions)?),
            clauses: clause_changes([one.1, other.1]),
            cash,
        })
    }
}

/// Whether a deal names a tape that is there, or cannot be read: then that is told.
fn has_tape(deal: &Path) -> Result<bool, Error> {
    let (read, _) = super::read_deal(deal, &mut Manifest::default())?.into_parts();
    let there = |read: &Deal| {
        let subpools = read.subpools.iter().map(|subpool| &subpool.tape);
        let mut named = read.files.tape.iter().chain(subpools);
        named.any(|file| deal.with_file_name(file).exists())
    };
    Ok(read.as_ref().is_none_or(there))
}

/// Whether a deal has tapes of its sub-pools.
fn has_subpools(deal: &Path) -> Result<bool, Error> {
    let (read, _) = super::read_deal(deal, &mut Manifest::default())?.into_parts();
    Ok(read.is_some_and(|read| !read.subpools.is_empty()))
}

/// The keys of a file and of those that it extends. It was read before without an error.
fn tree(path: &Path, role: (&'static str, crate::deal::keys::File)) -> Result<Block, Error> {
    let document = files::document(path, role, &mut Manifest::default())?;
    Ok(document.map_or_else(|_: Vec<Finding>| Block::default(), |document| document.tree()))
}

/// The steps of two deals side by side: by clause, or by their words where they name none.
fn clause_changes(deals: [&Deal; 2]) -> Vec<ClauseChange> {
    let [mut old, mut new] = deals.map(worded);
    let mut changes = Vec::new();
    old.retain(|(clause, words)| {
        let same = new.iter().position(|(other, _)| clause == other && !clause.is_empty());
        let same = same.or_else(|| new.iter().position(|(_, other)| words == other));
        let Some(place) = same else { return true };
        let (_, now) = new.remove(place);
        if now != *words {
            let (clause, old) = (clause.clone(), Some(words.clone()));
            changes.push(ClauseChange { clause, old, new: Some(now) });
        }
        false
    });
    let gone = old.into_iter();
    let gone = gone.map(|(clause, words)| ClauseChange { clause, old: Some(words), new: None });
    let added = new.into_iter();
    let added = added.map(|(clause, words)| ClauseChange { clause, old: None, new: Some(words) });
    changes.extend(gone.chain(added));
    changes
}

/// The steps with their clauses and their words, without the numbers in front, and the terms beside
/// them.
fn worded(deal: &Deal) -> Vec<(String, Text)> {
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| clauses(deal, lang));
    let plain =
        |text: String| text.split_once(". ").map_or(text.clone(), |(_, words)| words.to_string());
    let texts = zh.into_iter().zip(en).map(|(zh, en)| Text { zh: plain(zh), en: plain(en) });
    let clause = |step: &Step| step.clause.clone();
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| terms(deal, lang));
    let beside = zh.into_iter().zip(en).map(|(zh, en)| (String::new(), Text { zh, en }));
    deal.steps.iter().map(clause).zip(texts).chain(beside).collect()
}

fn tranches(jobs: [&Job; 2], runs: &[(Model, Run); 2]) -> Vec<(String, [Option<Measures>; 2])> {
    let mut ids: Vec<&str> = Vec::new();
    for tranche in jobs.iter().flat_map(|job| &job.deal.tranches) {
        if !ids.contains(&tranche.id.as_str()) {
            ids.push(&tranche.id);
        }
    }
    let of = |side: usize, id: &str| {
        let deal: &Deal = &jobs[side].deal;
        let place = deal.tranches.iter().position(|tranche| tranche.id == id)?;
        Some(measures(deal, &runs[side], place))
    };
    ids.into_iter().map(|id| (id.to_string(), [of(0, id), of(1, id)])).collect()
}

fn measures(deal: &Deal, (model, run): &(Model, Run), place: usize) -> Measures {
    let of_tranche = of_tranche(deal, model, run, place);
    let [interest, principal, remainder] = of_tranche.paid;
    let unpaid = model.line(&format!("tranche.{}.unpaid", deal.tranches[place].id));
    let last = model.timeline.len(Axis::Payments);
    Measures {
        interest,
        principal,
        remainder,
        interest_short: unpaid.map_or(Amount::ZERO, |line| run.amount(line, last)),
        principal_short: of_tranche.short,
        wal: of_tranche.wal,
    }
}

fn fees(deal: &Deal, (model, run): &(Model, Run)) -> Amount {
    let mut total = Amount::ZERO;
    for (step, number) in deal.steps.iter().zip(1_usize..) {
        for (payment, place) in step.pay.iter().zip(1_usize..) {
            let line = model.line(&format!("step.{number}.{place}.paid"));
            if matches!(payment.due, Due::Fee(_) | Due::Tax) {
                total += run.total(line.expect("every payment has its line"));
            }
        }
    }
    total
}
