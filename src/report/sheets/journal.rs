//! The journal: what moved, from where to where, and the line that moved it. Amounts are links.

use super::super::labels::Labels;
use super::super::layout::{FIRST_ROW, HEADER_ROW, TOTAL_ROW};
use super::super::workbook::{Content, Ink, Kind, Sheet};
use super::Context;
use crate::deal::Deal;
use crate::formula::{Sort, cell_value};
use crate::ledger::Account;
use crate::model::serial;
use crate::money::Amount;

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let model = context.layout.model();
    let mut sheet = Sheet {
        name: labels.sheet("journal").to_string(),
        landscape: true,
        freeze: (FIRST_ROW, 0),
        repeat: Some((HEADER_ROW, HEADER_ROW)),
        tab: Some(0x7F7F7F),
        widths: vec![(0, 8.0), (1, 12.0), (2, 34.0), (3, 34.0), (4, 18.0), (5, 34.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("journal"), Kind::Title);
    sheet.text(1, 0, labels.about("journal"), Kind::Note);
    for (column, key) in (0..).zip(["number", "date", "from", "to", "posting_amount", "line"]) {
        sheet.text(HEADER_ROW, column, labels.text(key), Kind::Header);
    }
    let postings = model.postings(context.run);
    let mut total = Amount::ZERO;
    for (row, posting) in (FIRST_ROW..).zip(&postings) {
        total += posting.amount;
        sheet.put(row, 0, Content::Number(f64::from(row - FIRST_ROW + 1)), Kind::Count, Ink::Label);
        let date = cell_value(serial(posting.date), Sort::Date);
        sheet.put(row, 1, Content::Number(date), Kind::Date, Ink::Engine);
        sheet.text(row, 2, account_name(context.deal, labels, posting.movement.from), Kind::Text);
        sheet.text(row, 3, account_name(context.deal, labels, posting.movement.to), Kind::Text);
        let link = context.layout.cell(posting.line, posting.tick, 0);
        let content = Content::Formula(link, posting.amount.to_f64());
        sheet.put(row, 4, content, Kind::Money, Ink::Link);
        sheet.text(row, 5, model.lines[posting.line.0].key.clone(), Kind::Beside);
    }
    let last = FIRST_ROW + u32::try_from(postings.len()).expect("a sheet has a million rows");
    sheet.text(TOTAL_ROW, 0, labels.text("total"), Kind::Strong);
    let sum = Content::Formula(format!("ROUND(SUM(E{}:E{last}),2)", FIRST_ROW + 1), total.to_f64());
    sheet.put(TOTAL_ROW, 4, sum, Kind::Money, Ink::Total);
    sheet
}

/// An account's name for readers.
pub fn account_name(deal: &Deal, labels: Labels, account: Account) -> String {
    match account {
        Account::Obligors => labels.text("obligors"),
        Account::Servicer => labels.text("servicer"),
        Account::Collection => labels.text("collection"),
        Account::Bank => labels.text("bank"),
        Account::Originator => labels.text("originator"),
        Account::TaxAuthority => labels.text("tax_authority"),
        Account::FeePayee(place) => labels.text_of("payee_of", &deal.fees[place].name),
        Account::Holders(place) => labels.text_of("holders_of", &deal.tranches[place].name),
        Account::Cash(place) => labels.name(&deal.accounts[place].name),
        Account::Lender(place) => labels.text_of("lender_of", &deal.facilities[place].name),
        Account::Supporter(place) => labels.text_of("supporter_of", &deal.supports[place].name),
        Account::Counterparty(place) => labels.text_of("counterparty_of", &deal.swaps[place].name),
    }
}
