//! `[[subpool]]`: several tapes, and what names them.

use super::super::{Subpool, Text};
use super::named::Kind;
use super::{Reader, product_terms};
use crate::config::Section;
use crate::pool::PoolTerms;

/// The sub-pools; the terms of `pool` hold where one says nothing else.
pub(super) fn subpool(section: Section, pool: Option<&PoolTerms>) -> Option<Subpool> {
    let id = section.need_id("id");
    let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
    if !section.has("tape") {
        section.missing("tape");
    }
    let (tape, mapping) = (section.file("tape"), section.file("mapping"));
    let own = section.date("cutoff");
    if let Some((own, pool)) = own.zip(pool)
        && own < pool.cutoff
    {
        let facts = [("own", own.to_string()), ("cutoff", pool.cutoff.to_string())];
        section.find("D0373", "cutoff", &facts);
    }
    let default = pool.map(|pool| pool.default_terms).unwrap_or_default();
    let default_terms = product_terms(&section, default);
    let mut by_product = pool.map(|pool| pool.by_product.clone()).unwrap_or_default();
    for (name, product) in section.named("product") {
        let terms = product_terms(&product, default_terms);
        product.finish();
        by_product.insert(name, terms);
    }
    section.finish();
    // One that is too early is reported for that alone.
    let of_pool = pool.map(|pool| pool.cutoff);
    let cutoff = own.max(of_pool)?;
    let terms = PoolTerms { cutoff, default_terms, by_product };
    Some(Subpool { id, name, tape: tape.unwrap_or_default(), mapping, terms })
}

impl Reader<'_> {
    /// The sub-pools that a key names, by place.
    pub(super) fn pools_of(&self, section: &Section, key: &'static str) -> Vec<usize> {
        let ids = || self.subpools.iter().map(String::as_str);
        let named = section.texts(key).into_iter();
        named.filter_map(|id| self.resolve(section, key, &Kind::SUBPOOL, &id, ids())).collect()
    }

    /// The sub-pool that a key names, by place.
    pub(super) fn pool_of(&self, section: &Section, key: &'static str) -> Option<usize> {
        let id = section.text(key)?;
        let ids = self.subpools.iter().map(String::as_str);
        self.resolve(section, key, &Kind::SUBPOOL, &id, ids)
    }
}
