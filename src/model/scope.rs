//! What the names of `[define]` stand for, and the definitions as lines.
//!
//! A name becomes known in the order of a payment date: [`Scope::add`] says what it stands for, and
//! [`Scope::lower`] lowers the definitions that are known from a stage on. A name read at an earlier
//! date is promised a line at once, kept when the model is complete.

use std::collections::BTreeMap;

use super::build::{Builder, Column};
use super::line::Topic;
use crate::config::Text;
use crate::deal::{Deal, Size, Stage};
use crate::formula::from_text;
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::money::Rate;

/// The names known so far.
pub(super) struct Scope<'a> {
    deal: &'a Deal,
    known: BTreeMap<String, Formula>,
    sorts: BTreeMap<String, Sort>,
    /// Lines promised to a name as of one date earlier.
    earlier: BTreeMap<String, Vec<LineId>>,
    /// The number of the payment date.
    number: LineId,
}

impl<'a> Scope<'a> {
    /// A scope that knows nothing but the number of the payment date.
    pub fn new(deal: &'a Deal, number: LineId) -> Scope<'a> {
        let (known, sorts, earlier) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut scope = Scope { deal, known, sorts, earlier, number };
        scope.sorts.extend(deal.sorts());
        scope.add("date.number", Formula::Line(number));
        scope
    }

    /// Says what a name stands for.
    pub fn add(&mut self, name: impl Into<String>, formula: Formula) {
        self.known.insert(name.into(), formula);
    }

    /// What a name stands for.
    ///
    /// # Panics
    ///
    /// When the name is not known yet: the deal was checked to ask in time.
    pub fn name(&self, name: &str) -> Formula {
        let formula = self.known.get(name).cloned();
        formula.unwrap_or_else(|| panic!("{name} is known before it is read"))
    }

    /// A definition by its place.
    pub fn definition(&self, place: usize) -> Formula {
        self.name(&self.deal.definitions[place].name)
    }

    /// An amount of the deal: an input, or a definition.
    pub fn size(
        &self,
        lines: &mut Builder,
        size: Size,
        key: String,
        subject: &Text,
        part: &'static str,
    ) -> Formula {
        match size {
            Size::Fixed(amount) => {
                Formula::Input(lines.input(key, subject, part, Sort::Amount, amount.minor()))
            }
            Size::Defined(place) => self.definition(place),
        }
    }

    /// Lowers the definitions that are known from a stage on.
    pub fn lower(&mut self, lines: &mut Builder, stage: Stage) {
        let deal = self.deal;
        for definition in deal.definitions.iter().filter(|known| known.stage == stage) {
            let names = Sorted(&deal.sorts());
            let mut lowering =
                Lowering { scope: self, lines, name: definition.name.clone(), literals: 0 };
            let formula =
                from_text::lower(&definition.expr, definition.sort, &names, &mut lowering);
            let subject = Text::same(&definition.name);
            let key = format!("define.{}", definition.name);
            let column = Column::payment(Topic::Definitions, key, &subject, "defined");
            let line = lines.compute(column, formula);
            lines.stock(line);
            self.add(definition.name.clone(), Formula::Line(line));
        }
    }

    /// A name as of some dates earlier: lines that each read the date before.
    fn before(&mut self, lines: &mut Builder, name: &str, dates: u32) -> Formula {
        let sort = self.sorts[name];
        let count = usize::try_from(dates).expect("dates are few");
        let mut promised = self.earlier.remove(name).unwrap_or_default();
        while promised.len() < count {
            let back = promised.len() + 1;
            let key = format!("earlier.{name}.{back}");
            let subject = Text {
                zh: format!("{name} (前 {back} 期)"),
                en: format!("{name} ({back} date{} earlier)", if back == 1 { "" } else { "s" }),
            };
            let column = Column::payment(Topic::Definitions, key, &subject, "earlier");
            let line = lines.promise(column, sort);
            lines.stock(line);
            if let Some(newer) = promised.last() {
                lines.keep(line, Formula::Prior(*newer));
            }
            promised.push(line);
        }
        let line = promised[count - 1];
        self.earlier.insert(name.to_string(), promised);
        Formula::Line(line)
    }

    /// Keeps the promises: every name that is read at an earlier date is known by now.
    pub fn close(self, lines: &mut Builder) {
        for (name, promised) in &self.earlier {
            let now = match self.name(name) {
                Formula::Line(line) => line,
                formula => {
                    let subject = Text::same(name);
                    let key = format!("value.{name}");
                    let column = Column::payment(Topic::Definitions, key, &subject, "defined");
                    let line = lines.compute(column, formula);
                    lines.stock(line)
                }
            };
            lines.keep(promised[0], Formula::Prior(now));
        }
    }
}

/// The sorts of the deal's names.
struct Sorted<'a>(&'a BTreeMap<String, Sort>);

impl from_text::Names for Sorted<'_> {
    fn sort(&self, name: &str) -> Option<Sort> {
        self.0.get(name).copied()
    }
}

/// One definition being lowered.
struct Lowering<'s, 'a, 'b> {
    scope: &'s mut Scope<'a>,
    lines: &'b mut Builder,
    name: String,
    literals: usize,
}

impl from_text::Scope for Lowering<'_, '_, '_> {
    fn now(&mut self, name: &str) -> Formula {
        self.scope.name(name)
    }

    fn earlier(&mut self, name: &str, dates: u32) -> Formula {
        self.scope.before(self.lines, name, dates)
    }

    fn literal(&mut self, parts: i64, sort: Sort) -> Formula {
        self.literals += 1;
        let key = format!("define.{}.{}", self.name, self.literals);
        let subject = Text::same(&self.name);
        Formula::Input(self.lines.input(key, &subject, "literal", sort, parts))
    }

    fn rate_places(&mut self) -> (InputId, u32) {
        let places = self.lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
        (places, Rate::DECIMALS)
    }

    fn dates_so_far(&mut self, most: u32) -> Formula {
        let key = format!("define.{}.window.{most}", self.name);
        let subject = Text::same(&self.name);
        let most = self.lines.input(key, &subject, "window", Sort::Number, i64::from(most));
        Formula::Least(vec![Formula::Input(most), Formula::Line(self.scope.number)])
    }
}
