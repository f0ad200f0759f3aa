//! What a block names: other blocks by their id, amounts and flags of `[define]`.

use super::super::keys::KEYS;
use super::super::{Definition, Size, Stage};
use super::Reader;
use crate::config::{Section, nearest};
use crate::formula::Sort;
use crate::formula::from_text::{self, Read};

/// Blocks that others name by their id, with the finding about an id that is not there.
pub(super) struct Kind {
    /// The key of the blocks.
    pub block: &'static str,
    code: &'static str,
}

impl Kind {
    pub(super) const TRANCHE: Kind = Kind { block: "tranche", code: "D0203" };
    pub(super) const FEE: Kind = Kind { block: "fee", code: "D0204" };
    pub(super) const INDEX: Kind = Kind { block: "index", code: "D0242" };
    pub(super) const FACILITY: Kind = Kind { block: "facility", code: "D0265" };
    pub(super) const SUBPOOL: Kind = Kind { block: "subpool", code: "D0371" };
    pub(super) const SWAP: Kind = Kind { block: "swap", code: "D0266" };
}

impl Reader<'_> {
    /// The place of a block; an id that is not there is reported.
    pub(super) fn resolve<'b>(
        &self,
        section: &Section,
        key: &'static str,
        kind: &Kind,
        name: &str,
        ids: impl Iterator<Item = &'b str> + Clone,
    ) -> Option<usize> {
        let place = ids.clone().position(|id| id == name);
        // A block without an id is reported for that, and may be the one that is meant.
        if ids.clone().any(str::is_empty) {
            return place;
        }
        if place.is_none() && ids.clone().next().is_none() {
            // A block that is missing or could not be read is reported once, not at every name.
            if !self.root.reported_any(&[kind.block]) && !is_mistyped(self.root, "", kind.block) {
                let facts = [("kind", kind.block.to_string()), ("name", name.to_string())];
                section.find("D0216", key, &facts);
            }
        } else if place.is_none() && !section.reported_any(&[key]) {
            let known = listed(ids.clone());
            let suggestion = nearest(name, ids).map_or(known.clone(), |near| format!("`{near}`"));
            let facts = [("name", name.to_string()), ("known", known), ("suggestion", suggestion)];
            section.find(kind.code, key, &facts);
        }
        place
    }

    /// The places of tranches that a list names.
    pub(super) fn tranches_named(&self, section: &Section, key: &'static str) -> Vec<usize> {
        let ids = self.tranches.iter().map(|tranche| tranche.id.as_str());
        let names = if section.has(key) { section.texts(key) } else { Vec::new() };
        names
            .iter()
            .filter_map(|name| self.resolve(section, key, &Kind::TRANCHE, name, ids.clone()))
            .collect()
    }

    /// An amount, or the name of an amount in `[define]`, known from a stage on.
    pub(super) fn size(&self, section: &Section, key: &'static str, by: Stage) -> Option<Size> {
        if !section.has(key) {
            return None;
        }
        if !section.is_name(key) {
            return section.amount(key).map(Size::Fixed);
        }
        let name = section.text(key)?;
        self.defined_as(section, key, &name, Sort::Amount, by).map(Size::Defined)
    }

    /// A flag of `[define]`, known from a stage on.
    pub(super) fn flag_defined(
        &self,
        section: &Section,
        key: &'static str,
        by: Stage,
    ) -> Option<usize> {
        if !section.has(key) {
            return None;
        }
        let name = section.text(key)?;
        self.defined_as(section, key, &name, Sort::Flag, by)
    }

    /// The place of a definition of a sort that is known in time; what is wrong is reported.
    pub(super) fn defined_as(
        &self,
        section: &Section,
        key: &'static str,
        name: &str,
        sort: Sort,
        by: Stage,
    ) -> Option<usize> {
        let place = self.definition(section, key, name)?;
        let given = self.definitions[place].sort;
        if given != sort {
            let code = if sort == Sort::Flag { "D0253" } else { "D0234" };
            let facts = [("name", name.to_string()), ("sort", given.word().to_string())];
            section.find(code, key, &facts);
            return None;
        }
        self.known_in_time(section, key, place, by);
        Some(place)
    }

    /// The place of a definition; a name that is not there is reported.
    fn definition(&self, section: &Section, key: &'static str, name: &str) -> Option<usize> {
        if self.definitions_reported(name) {
            return None;
        }
        let ids = self.definitions.iter().map(|definition| definition.name.as_str());
        let place = ids.clone().position(|id| id == name);
        if place.is_none() {
            let known = if self.definitions.is_empty() { "–".to_string() } else { listed(ids) };
            section.find("D0235", key, &[("name", name.to_string()), ("known", known)]);
        }
        place
    }

    /// Whether a name stands in `[define]` but was not understood: reported there.
    pub(super) fn definitions_reported(&self, name: &str) -> bool {
        self.defined.contains(name)
            && self.definitions.iter().all(|definition| definition.name != name)
    }

    /// Reports a definition that is known only after it is needed, with what makes it late.
    pub(super) fn known_in_time(
        &self,
        section: &Section,
        key: &'static str,
        place: usize,
        by: Stage,
    ) {
        let definition = &self.definitions[place];
        if definition.stage > by {
            let chain = self.chain(definition);
            let late = chain.last().expect("a chain begins with the definition").clone();
            let chain = chain.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let facts =
                [("name", definition.name.clone()), ("late", late), ("chain", chain.join(" → "))];
            section.find("D0236", key, &facts);
        }
    }

    /// From a definition over those it reads to the figure of the deal that makes it as late as it is.
    fn chain(&self, definition: &Definition) -> Vec<String> {
        let now = from_text::names(&definition.expr)
            .filter(|(.., read)| !matches!(read, Read::Earlier(_)));
        let mut now = now.map(|(name, ..)| name);
        let late = now.find(|name| self.names.stage(name) == Some(definition.stage));
        let late = late.expect("a definition is as late as something that it reads");
        let mut chain = vec![definition.name.clone()];
        match self.definitions.iter().find(|other| other.name == late) {
            Some(other) => chain.extend(self.chain(other)),
            None => chain.push(late),
        }
        chain
    }
}

/// Whether a key of a table, which does not stand there, is probably one that nobody knows.
pub(super) fn is_mistyped(section: &Section, table: &str, key: &str) -> bool {
    let full =
        |key: &str| if table.is_empty() { key.to_string() } else { format!("{table}.{key}") };
    let unknown = |given: &String| KEYS.iter().all(|known| known.path != full(given));
    section
        .keys()
        .iter()
        .filter(|key| unknown(key))
        .any(|given| nearest(given, [key].into_iter()).is_some())
}

/// `a`, `b`, `c`.
pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
