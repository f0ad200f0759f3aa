//! A tape of any size: block by block its rows become receivables, are taken, and are forgotten.
//!
//! Four things can only be known at the end of the tape: which identifiers occur twice, the unit of
//! rates that no header states, how many products there are, and who is named. They are guessed first
//! (none, as stated, few, nobody), and where the tape proves the guess wrong it is read once more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc;

use super::excerpts::Excerpts;
use super::rules::p0102_duplicate_id::{Hashes, Seen};
use super::rules::{self, p0155_encumbered, rate_unit};
use super::{Context, Tally, about, attributes};
use crate::finding::Checked;
use crate::money::Amount;
use crate::pool::{Attribute, Pool, PoolTerms, ProductTerms};
use crate::tape::{self, Faults, Mapping, Privacy, Tape};

/// A pool of which nothing was kept but what somebody made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken<T> {
    /// What was made of the receivables.
    pub made: T,
    /// The pool without its receivables; its text columns have no codes, and values only where
    /// somebody asked for them.
    pub pool: Pool,
    /// How many receivables it has.
    pub count: usize,
    /// Their outstanding principal.
    pub outstanding: Amount,
}

/// In what parts a pool is taken.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Rows of a part; nothing that is found depends on it.
    pub rows: usize,
    /// How many findings of one code are kept apart instead of counted.
    pub most: usize,
    /// Text columns that each part has beside `product` and `status`.
    pub columns: &'a BTreeSet<String>,
}

impl Parts<'_> {
    /// Rows that are few enough for memory and many enough for all cores.
    pub const ROWS: usize = 1 << 16;
}

/// Reads a tape like [`load_keeping`](super::load_keeping), in memory that does not depend on its
/// length but for eight bytes a row and the names of people: `take` is handed one part of the pool after another, in the order
/// of the tape.
///
/// A tape may be read twice; then `take` begins again with what `fresh` gives. `None` for a tape that
/// cannot be read so: a workbook, or one with a schedule.
///
/// # Errors
///
/// When the file cannot be read as a tape at all.
pub fn load_in_blocks<T>(
    path: &Path,
    mapping: &Mapping,
    terms: &PoolTerms,
    parts: Parts,
    fresh: impl Fn() -> T,
    take: impl Fn(&mut T, &Pool),
) -> Result<Option<Checked<Taken<T>>>, tape::Error> {
    if !tape::is_one_table(path, mapping)? {
        return Ok(None);
    }
    let standard = ["product", "repayment_method", "status"];
    let own = standard.into_iter().chain(p0155_encumbered::COLUMNS).map(str::to_string);
    let texts: BTreeSet<String> = own.chain(parts.columns.iter().cloned()).collect();
    let most = parts.most;
    let mut known = Known::default();
    loop {
        let mut pass = Pass::new(terms, &known, most, fresh());
        let wanted = (parts.rows, &texts, known.privacy.as_ref());
        let tape = side_by_side(
            |hand_on| tape::read_in_blocks(path, mapping, most, wanted, hand_on),
            |block| pass.block(&block, &take),
        )?;
        let truth = pass.truth(&tape);
        let guessed = known.units.is_none() && truth.units == Some(rate_unit::as_stated(&tape));
        let masked = known.privacy.is_some() || !tape.manifest.privacy.names_people();
        let agrees = masked
            && known.suspects == truth.suspects
            && known.many_products == truth.many_products
            && (guessed || known.units == truth.units);
        if agrees {
            return Ok(Some(pass.finish(tape, path)?));
        }
        known = truth;
    }
}

/// One thread reads blocks, this one takes them; one block waits between the two at most.
fn side_by_side<R: Send>(
    read: impl FnOnce(&mut dyn FnMut(Tape)) -> R + Send,
    mut take: impl FnMut(Tape),
) -> R {
    let (sender, blocks) = mpsc::sync_channel(1);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            // Whoever takes them only stops by a panic, which is told when the threads join.
            read(&mut |block| drop(sender.send(block)))
        });
        blocks.iter().for_each(&mut take);
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What is known of the whole tape before it is read.
#[derive(Default)]
struct Known {
    /// Hashes of the identifiers that may occur twice.
    suspects: BTreeSet<u64>,
    /// The units of the rates; `None` takes them as stated.
    units: Option<Vec<rate_unit::Resolved>>,
    /// Whether the column of products is something else.
    many_products: bool,
    /// The people who are named, to be masked wherever they stand.
    privacy: Option<Privacy>,
}

/// One pass over the tape.
struct Pass<'p, T> {
    terms: &'p PoolTerms,
    known: &'p Known,
    made: T,
    // What is seen, to be compared with what was known.
    hashes: Hashes,
    rates: rate_unit::Seen,
    values: BTreeMap<String, BTreeSet<Box<str>>>,
    // What is found.
    repeats: Seen,
    faults: Faults,
    by_column: [Faults; 2],
    tally: Tally,
    count: usize,
    outstanding: Amount,
}

impl<'p, T> Pass<'p, T> {
    fn new(terms: &'p PoolTerms, known: &'p Known, most: usize, made: T) -> Pass<'p, T> {
        Pass {
            terms,
            known,
            made,
            hashes: Hashes::new(),
            rates: rate_unit::Seen::default(),
            values: BTreeMap::new(),
            repeats: Seen::default(),
            faults: Faults::keeping(most),
            by_column: [Faults::keeping(most), Faults::keeping(most)],
            tally: Tally::default(),
            count: 0,
            outstanding: Amount::ZERO,
        }
    }

    fn block(&mut self, block: &Tape, take: impl Fn(&mut T, &Pool)) {
        let (terms, known) = (self.terms, self.known);
        self.hashes.see(&block.rows);
        self.rates.see(block);
        let mut refused = self.repeats.check(&block.rows, &known.suspects, &mut self.faults);
        let (by_column, faults) = (&mut self.by_column, &mut self.faults);
        let taken = p0155_encumbered::check_apart(block, terms.cutoff, by_column, faults);
        refused.iter_mut().zip(taken).for_each(|(refused, taken)| *refused |= taken);
        let products = match known.many_products {
            true => vec![(String::new(), terms.default_terms)],
            false => rules::products(block, terms).0,
        };
        let units = known.units.clone().unwrap_or_else(|| rate_unit::as_stated(block));
        let schedule = BTreeMap::new();
        let context = Context { tape: block, terms, products: &products, units, schedule, refused };
        let kept = context.receivables(&mut self.faults);
        self.tally.extend(kept.tally);
        let attributes = attributes(block, &kept.rows);
        for (name, attribute) in &attributes {
            let known = self.values.entry(name.clone()).or_default();
            known.extend(attribute.values.iter().cloned());
        }
        let manifest = tape::TapeManifest::default();
        let (cutoff, receivables) = (terms.cutoff, kept.receivables);
        let part = Pool { cutoff, receivables, products, attributes, manifest };
        self.count += part.receivables.len();
        self.outstanding += part.outstanding_principal();
        take(&mut self.made, &part);
    }

    /// What is known at the end of the tape.
    fn truth(&mut self, tape: &Tape) -> Known {
        let hashes = std::mem::replace(&mut self.hashes, Hashes::new());
        let products = self.values.get("product").map_or(0, BTreeSet::len);
        Known {
            suspects: hashes.suspects(),
            units: Some(self.rates.resolve(tape).0),
            many_products: products > rules::PRODUCTS_MAX,
            privacy: Some(tape.manifest.privacy.clone()),
        }
    }

    fn finish(self, mut tape: Tape, path: &Path) -> Result<Checked<Taken<T>>, tape::Error> {
        debug_assert_eq!(path, tape.path);
        let mut values = self.values;
        let names = tape.texts.keys().filter(|name| *name != "repayment_method");
        let attributes: BTreeMap<String, Attribute> = names
            .map(|name| {
                let values = values.remove(name).unwrap_or_default().into_iter().collect();
                (name.clone(), Attribute { values, codes: Vec::new() })
            })
            .collect();
        if let Some(texts) = tape.texts.get_mut("product") {
            texts.values.clone_from(&attributes["product"].values);
        }
        let (products, of_products): (Vec<(String, ProductTerms)>, _) =
            rules::products(&tape, self.terms);
        let (_, of_units) = self.rates.resolve(&tape);
        let mut findings = about(&tape, self.terms, (of_products, of_units), &self.tally);
        let mut faults = std::mem::take(&mut tape.faults);
        faults.extend(self.faults);
        self.by_column.into_iter().for_each(|of_column| faults.extend(of_column));
        let excerpts = Excerpts::read(&tape, &faults)?;
        findings.extend(faults.into_findings(|fault| excerpts.tell(&tape, fault)));
        let (manifest, cutoff) = (tape.manifest, self.terms.cutoff);
        let pool = Pool { cutoff, receivables: Vec::new(), products, attributes, manifest };
        let Pass { made, count, outstanding, .. } = self;
        Ok(Checked::new(Taken { made, pool, count, outstanding }, findings))
    }
}
