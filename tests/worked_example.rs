//! The worked example, variant T, reproduced cell by cell from a six-row tape and a deal file.
//!
//! Every figure comes from two programs of different design that share no code with this one; see
//! `fixtures/cases/worked_example_cn/CASE.md`.

mod testkit;

use cashfall::analytics::{Decision, Purchase, Purchases, of_tranche};
use cashfall::formula::LineId;
use cashfall::job::Job;
use cashfall::model::{Axis, Model, Run};
use cashfall::money::Amount;
use cashfall::pool::{Pool, ProductTerms, Receivable};
use cashfall::time::Calendar;
use testkit::{case, case_file, expected_csv};

/// A variant of the example with its run and the folder of what it must give.
struct Variant {
    case: Job,
    model: Model,
    run: Run,
    folder: &'static str,
}

/// The term deal: no revolving date.
fn term_deal() -> Variant {
    let case = case("worked_example_cn");
    let (model, run) = testkit::run(&case);
    Variant { case, model, run, folder: "worked_example_cn/term_deal" }
}

/// One revolving date, on which whole receivables of a list are bought.
fn revolving() -> Variant {
    let case = case_file("worked_example_cn/revolving.toml");
    let (model, run) = testkit::run(&case);
    Variant { case, model, run, folder: "worked_example_cn/revolving" }
}

impl Variant {
    #[track_caller]
    fn expect(&self, file: &str, rows: &[String]) {
        expected_csv(&format!("{}/{file}", self.folder), rows);
    }

    /// Every receivable the deal ever owns, under its number: those that are bought follow the pool.
    fn owned(&self) -> Vec<(String, Receivable, ProductTerms)> {
        let of = |pool: &Pool, receivable: &Receivable| *pool.terms(receivable);
        let pool = &self.case.pool;
        let initial = pool.receivables.iter();
        let initial = initial.map(|owned| (owned.id.to_string(), owned.clone(), of(pool, owned)));
        let mut owned: Vec<_> = initial.collect();
        let Some(candidates) = &self.case.candidates else { return owned };
        let bought = self.line("purchase.bought");
        for (place, candidate) in candidates.pool.receivables.iter().enumerate() {
            let date = self.payments().find(|tick| self.run.value(bought, *tick, place) > 0);
            let Some(date) = date else { continue };
            let own_cutoff = Some(self.model.date(Axis::Payments, date));
            let id = format!("R{}", owned.len() + 1);
            let terms = of(&candidates.pool, candidate);
            owned.push((id, Receivable { own_cutoff, ..candidate.clone() }, terms));
        }
        owned
    }

    fn line(&self, key: &str) -> LineId {
        self.model.line(key).unwrap_or_else(|| panic!("no line {key}"))
    }

    fn amount(&self, key: &str, tick: usize) -> String {
        self.run.amount(self.line(key), tick).to_string()
    }

    fn number(&self, key: &str, tick: usize) -> i64 {
        self.run.value(self.line(key), tick, 0)
    }

    fn payments(&self) -> std::ops::RangeInclusive<usize> {
        1..=self.model.timeline.len(Axis::Payments)
    }
}

fn schedule(t: &Variant) {
    let mut rows = vec![
        "receivable_id,instalment,due,principal,interest,fee,total,balance_after,before_cutoff"
            .to_string(),
    ];
    for (id, receivable, terms) in &t.owned() {
        for line in cashfall::plan::contract_schedule(receivable, terms) {
            let before = if line.due <= t.case.pool.cutoff { "True" } else { "False" };
            let total = line.principal + line.interest + line.fee;
            rows.push(format!(
                "{id},{},{},{},{},{},{total},{},{before}",
                line.number, line.due, line.principal, line.interest, line.fee, line.balance_after
            ));
        }
    }
    t.expect("schedule.csv", &rows);
}

fn collections(t: &Variant) {
    let mut dated = Vec::new();
    for (id, receivable, terms) in &t.owned() {
        if let Some(date) = receivable.own_cutoff {
            let row = format!(
                "{date},{id},PURCHASE,,{},0.00,0.00,0.00,0.00",
                receivable.outstanding_principal
            );
            dated.push((date, id.clone(), row));
        }
        let (schedule, _) =
            cashfall::plan::remaining_schedule(receivable, terms, t.case.pool.cutoff);
        for line in schedule {
            let cash = line.principal + line.interest + line.fee;
            let row = format!(
                "{},{id},SCHEDULED,{},{},{},{},0.00,{cash}",
                line.due, line.number, line.principal, line.interest, line.fee
            );
            dated.push((line.due, id.clone(), row));
        }
    }
    dated.sort();
    let header =
        "date,receivable_id,type,instalment,principal,interest,fee,penalty,cash".to_string();
    let rows: Vec<String> =
        std::iter::once(header).chain(dated.into_iter().map(|row| row.2)).collect();
    t.expect("collections.csv", &rows);
}

fn pool_rollforward(t: &Variant) {
    let mut rows = vec!["period,start,rday,begin_balance,purchases,scheduled_principal,late_cured_principal,prepaid_principal,refund_principal,defaulted_principal,end_balance,interest,service_fee,penalty,recoveries,total_cash".to_string()];
    for month in 1..=t.model.timeline.len(Axis::Months) {
        let start = t.model.date(Axis::Months, month - 1).succ_opt().expect("a day");
        let end = t.model.date(Axis::Months, month);
        let [opening, scheduled, prepaid, defaulted, closing, interest, fee, cash] =
            ["opening", "scheduled", "prepaid", "default", "closing", "interest", "fee", "cash"]
                .map(|key| t.amount(&format!("pool.{key}"), month));
        let bought = t.model.line("pool.purchased");
        let bought = bought.map_or(Amount::ZERO, |line| t.run.amount(line, month));
        rows.push(format!("{month},{start},{end},{opening},{bought},{scheduled},0.00,{prepaid},0.00,{defaulted},{closing},{interest},{fee},0.00,0.00,{cash}"));
    }
    t.expect("pool_rollforward.csv", &rows);
}

fn dates(t: &Variant) {
    let cibm = Calendar::cibm();
    let mut rows = vec!["no,start,rday,transfer,sched,pay,record_sse,record_cibm,ann5,ann3,acc_from,acc_to,acc_days".to_string()];
    for tick in t.payments() {
        let date = |key: &str| {
            cashfall::model::day(t.number(&format!("dates.{key}"), tick)).expect("a day")
        };
        let start = t.model.date(Axis::Months, tick - 1).succ_opt().expect("a day");
        let interbank = cibm.add_business_days(date("payment"), -1).expect("2026 is known");
        rows.push(format!(
            "{tick},{start},{},{},{},{},{},{interbank},{},{},{},{},{}",
            date("determination"),
            date("transfer"),
            date("scheduled"),
            date("payment"),
            date("record"),
            date("notice.1"),
            date("notice.2"),
            date("accrual_from"),
            date("accrual_to"),
            t.number("dates.days.actual", tick)
        ));
    }
    t.expect("dates.csv", &rows);
}

fn tax(t: &Variant) {
    let mut rows =
        vec!["payment_no,income_tax_inclusive,vat,surcharge,total,effective_pct".to_string()];
    for tick in t.payments() {
        let [income, vat, surcharge, total] = ["taxable_income", "vat", "surcharge", "accrued"]
            .map(|key| t.run.amount(t.line(&format!("tax.{key}")), tick));
        let effective = total.to_f64() / income.to_f64() * 100.0;
        rows.push(format!("{tick},{income},{vat},{surcharge},{total},{effective:.4}"));
    }
    t.expect("tax.csv", &rows);
}

fn waterfall(t: &Variant) {
    const ITEMS: [&str; 13] = [
        "VAT_AND_SURCHARGES",
        "CUSTODY_FEE",
        "MANAGER_FEE",
        "AUDIT_FEE",
        "SERVICING_FEE",
        "REGISTRAR_FEE",
        "INT_01",
        "INT_02",
        "SUB_INTERIM_YIELD",
        "PRIN_01",
        "PRIN_02",
        "PRIN_SUB",
        "SUB_EXCESS",
    ];
    let mut rows = vec!["payment_no,pay_date,step,item,due,paid,cash_after".to_string()];
    for tick in t.payments() {
        let date = t.model.date(Axis::Payments, tick);
        let available = t.amount("cash.available", tick);
        rows.push(format!("{tick},{date},0,AVAILABLE(carry+collections+account_income),{available},0.00,{available}"));
        let revolving = t.model.line("state.revolving").map(|line| t.run.value(line, tick, 0));
        let is_revolving = revolving == Some(1);
        for (step, item) in (1..).zip(ITEMS) {
            if is_revolving && step >= 10 {
                continue;
            }
            let [due, paid, left] = ["due", "paid", "left"]
                .map(|part| t.amount(&format!("step.{step}.1.{part}"), tick));
            rows.push(format!("{tick},{date},{step},{item},{due},{paid},{left}"));
        }
        let carry = t.amount("cash.carry", tick);
        if is_revolving {
            let [due, paid, left] =
                ["due", "paid", "left"].map(|part| t.amount(&format!("step.14.1.{part}"), tick));
            rows.push(format!("{tick},{date},14,REVOLVING_PURCHASE_PRICE,{due},{paid},{left}"));
        }
        rows.push(format!("{tick},{date},15,CARRY_FORWARD,0.00,0.00,{carry}"));
    }
    t.expect("waterfall.csv", &rows);
}

fn tranches(t: &Variant) {
    let mut rows = vec!["payment_no,pay_date,tranche,accrual_from,accrual_to,days,begin,interest,principal,excess,end,interest_per_100,principal_per_100,factor".to_string()];
    for tick in t.payments() {
        for tranche in &t.case.deal.tranches {
            let key = |part: &str| format!("tranche.{}.{part}", tranche.id);
            let amount = |part: &str| t.amount(&key(part), tick);
            let six = |part: &str| format!("{:.6}", t.number(&key(part), tick) as f64 / 1e12);
            let excess = t
                .model
                .line(&key("remainder_paid"))
                .map_or(Amount::ZERO, |line| t.run.amount(line, tick));
            let date = |part: &str| {
                cashfall::model::day(t.number(&format!("dates.{part}"), tick)).expect("a day")
            };
            rows.push(format!(
                "{tick},{},{},{},{},{},{},{},{},{excess},{},{},{},{}",
                date("payment"),
                tranche.id,
                date("accrual_from"),
                date("accrual_to"),
                t.number("dates.days.actual", tick),
                amount("opening_balance"),
                amount("interest_paid"),
                amount("principal_paid"),
                amount("closing_balance"),
                six("interest_per_hundred"),
                six("principal_per_hundred"),
                six("factor")
            ));
        }
    }
    t.expect("tranches.csv", &rows);
}

fn triggers(t: &Variant) {
    let mut rows = vec!["payment_no,rday,cum_default,cdr_denominator,cdr_pct,acceleration,mode,pool_end_rday_plus_new_purchase,carry_cash,senior_after,senior_cover_pct,idle_cash_pct_of_senior".to_string()];
    let initial = t.model.input("pool.initial_balance").expect("a pool");
    for tick in t.payments() {
        let rday = cashfall::model::day(t.number("dates.determination", tick)).expect("a day");
        let month = t.model.timeline.other_at(Axis::Payments, tick);
        let cumulative = t.amount("pool.cumulative_default", month);
        let initial = Amount::from_minor(t.model.inputs[initial.0].value);
        let bought = t.model.line("pool.cumulative_purchased");
        let owned = initial + bought.map_or(Amount::ZERO, |line| t.run.amount(line, month));
        let ratio = t.number("metric.cumulative_default_ratio", tick) as f64 / 1e10;
        let accelerated = t.number("state.accelerated", tick) == 1;
        let is = |state: &str| {
            let line = t.model.line(&format!("state.{state}"));
            line.is_some_and(|line| t.run.value(line, tick, 0) == 1)
        };
        let mode = match (is("revolving"), is("amortising")) {
            (true, _) => "REVOLVING",
            (false, true) => "AMORTISING",
            (false, false) => "ACCELERATED",
        };
        let bought = t.model.line("purchase.bought");
        let offers = t.model.elements(cashfall::model::Dim::Offer);
        let bought =
            bought.map_or(0, |line| (0..offers).map(|offer| t.run.value(line, tick, offer)).sum());
        let pool = t.run.amount(t.line("pool.closing"), month) + Amount::from_minor(bought);
        let carry = t.run.amount(t.line("cash.carry"), tick);
        let senior = t.run.amount(t.line("report.senior_after"), tick);
        let (cover, idle) = if senior == Amount::ZERO {
            (String::new(), String::new())
        } else {
            let cover = (pool + carry).to_f64() / senior.to_f64();
            (
                format!("{:.4}", cover * 100.0),
                format!("{:.4}", carry.to_f64() / senior.to_f64() * 100.0),
            )
        };
        let accelerated = if accelerated { "True" } else { "False" };
        rows.push(format!("{tick},{rday},{cumulative},{owned},{ratio:.4},{accelerated},{mode},{pool},{carry},{senior},{cover},{idle}"));
    }
    t.expect("triggers.csv", &rows);
}

fn summary(t: &Variant) {
    let text = testkit::fixture(&format!("cases/{}/summary.json", t.folder));
    let summary: serde_json::Value = serde_json::from_str(&text).expect("the summary is JSON");
    let total = |key: &str| t.run.total(t.line(key)).to_string();
    let money = [
        (
            "pool_principal_at_cutoff",
            Amount::from_minor(
                t.model.inputs[t.model.input("pool.initial_balance").expect("a pool").0].value,
            )
            .to_string(),
        ),
        ("total_cash_collected", total("pool.cash")),
        ("account_income", total("cash.account_income")),
        ("scheduled_principal", total("pool.scheduled")),
        ("prepaid_principal", total("pool.prepaid")),
        ("defaulted_principal", total("pool.default")),
        ("interest", total("pool.interest")),
        ("service_fee", total("pool.fee")),
        ("final_account_residual", t.amount("cash.carry", 6)),
    ];
    for (key, ours) in money {
        assert_eq!(summary[key], ours.as_str(), "{key}");
    }
    let items = [
        ("VAT_AND_SURCHARGES", 1),
        ("CUSTODY_FEE", 2),
        ("MANAGER_FEE", 3),
        ("AUDIT_FEE", 4),
        ("SERVICING_FEE", 5),
        ("REGISTRAR_FEE", 6),
        ("INT_01", 7),
        ("INT_02", 8),
        ("SUB_INTERIM_YIELD", 9),
        ("PRIN_01", 10),
        ("PRIN_02", 11),
        ("PRIN_SUB", 12),
        ("SUB_EXCESS", 13),
    ];
    for (item, step) in items {
        assert_eq!(
            summary["paid_by_item"][item],
            total(&format!("step.{step}.1.paid")).as_str(),
            "{item}"
        );
    }
    for (place, tranche) in t.case.deal.tranches.iter().enumerate() {
        let measures = of_tranche(&t.case.deal, &t.model, &t.run, place);
        let id = tranche.id.as_str();
        let six = |value: Option<f64>| format!("{:.6}", value.expect("it has one"));
        assert_eq!(summary["wal_years"][id], six(measures.wal).as_str());
        assert_eq!(summary["xirr_pct"][id], six(measures.xirr.map(|irr| irr * 100.0)).as_str());
        let unpaid = t.amount(&format!("tranche.{id}.closing_balance"), 6);
        assert_eq!(summary["unpaid_principal"][id], unpaid.as_str());
        if tranche.is_cumulative() {
            let unpaid = t.amount(&format!("tranche.{id}.unpaid"), 6);
            assert_eq!(summary["unpaid_interest"][id], unpaid.as_str());
        }
        let yields = match id {
            "01" => "2_40",
            "02" => "3_60",
            _ => continue,
        };
        let price = |formula: &str| summary[format!("price_{id}_at_{yields}pct_{formula}")].clone();
        assert_eq!(price("formula2"), six(measures.price).as_str());
        assert_eq!(price("formula1_f12"), six(measures.price_periodic).as_str());
    }
    for (id, receivable, terms) in &t.owned() {
        let flows: Vec<f64> = cashfall::plan::contract_schedule(receivable, terms)
            .iter()
            .map(|line| (line.principal + line.interest + line.fee).to_f64())
            .collect();
        let lent = receivable.original_principal.to_f64();
        let rate = cashfall::analytics::internal_rate(lent, &flows, 12.0).expect("a rate");
        let rate = format!("{:.4}", rate * 100.0);
        assert_eq!(summary["irr_pct_by_receivable"][id], rate.as_str());
    }
}

#[test]
fn worked_example_cn_t_schedule() {
    schedule(&term_deal());
}

#[test]
fn contractual_no_events_schedule() {
    schedule(&revolving());
}

#[test]
fn worked_example_cn_t_collections() {
    collections(&term_deal());
}

#[test]
fn contractual_no_events_collections() {
    collections(&revolving());
}

#[test]
fn worked_example_cn_t_pool_rollforward() {
    pool_rollforward(&term_deal());
}

#[test]
fn contractual_no_events_pool_rollforward() {
    pool_rollforward(&revolving());
}

#[test]
fn worked_example_cn_t_dates() {
    dates(&term_deal());
}

#[test]
fn contractual_no_events_dates() {
    dates(&revolving());
}

#[test]
fn worked_example_cn_t_tax() {
    tax(&term_deal());
}

#[test]
fn contractual_no_events_tax() {
    tax(&revolving());
}

#[test]
fn worked_example_cn_t_waterfall() {
    waterfall(&term_deal());
}

#[test]
fn contractual_no_events_waterfall() {
    waterfall(&revolving());
}

#[test]
fn worked_example_cn_t_tranches() {
    tranches(&term_deal());
}

#[test]
fn contractual_no_events_tranches() {
    tranches(&revolving());
}

#[test]
fn worked_example_cn_t_triggers() {
    triggers(&term_deal());
}

#[test]
fn contractual_no_events_triggers() {
    triggers(&revolving());
}

#[test]
fn worked_example_cn_t_summary() {
    summary(&term_deal());
}

#[test]
fn contractual_no_events_summary() {
    summary(&revolving());
}

#[test]
fn contractual_no_events_purchases() {
    let t = revolving();
    let purchases = Purchases::of(&t.case.deal, &t.model, &t.run).expect("the deal buys");
    let candidates = t.case.candidates.as_ref().expect("a list");
    let (owned, mut next) = (t.owned(), t.case.pool.receivables.len());
    let mut rows = vec![
        "payment_no,purchase_date,candidate,decision,assigned_id,outstanding,price,irr_pct,cash_left"
            .to_string(),
    ];
    for purchase in &purchases.offers {
        let candidate = &candidates.pool.receivables[purchase.offer];
        let (decision, id) = match &purchase.decision {
            Decision::Bought => {
                next += 1;
                ("BUY".to_string(), owned[next - 1].0.as_str())
            }
            Decision::Refused(refusal) => (format!("REJECT_{}", refusal.id), ""),
            Decision::TooDear => ("SKIP_INSUFFICIENT_CASH".to_string(), ""),
            Decision::BeyondLimit(limit) => panic!("the example has no limit {limit:?}"),
        };
        let schedule =
            cashfall::plan::contract_schedule(candidate, candidates.pool.terms(candidate));
        let flows =
            schedule.iter().map(|line| (line.principal + line.interest + line.fee).to_f64());
        let flows: Vec<f64> = flows.collect();
        let lent = candidate.original_principal.to_f64();
        let rate = cashfall::analytics::internal_rate(lent, &flows, 12.0).expect("a rate");
        let Purchase { payment, date, outstanding, price, left, .. } = purchase;
        let rate = rate * 100.0;
        rows.push(format!(
            "{payment},{date},{},{decision},{id},{outstanding},{price},{rate:.4},{left}",
            candidate.id
        ));
    }
    t.expect("purchases.csv", &rows);
    assert_eq!(purchases.price.to_string(), "4975.00");
}

/// Nobody is late in this variant: every receivable that still owes principal is normal.
#[test]
fn contractual_no_events_delinquency() {
    let t = revolving();
    let owned = t.owned();
    let mut rows = vec!["period,rday,bucket,count,balance,pct_of_end_balance".to_string()];
    for month in 1..=t.model.timeline.len(Axis::Months) {
        let end = t.model.date(Axis::Months, month);
        let (mut count, mut balance) = (0, Amount::ZERO);
        for (_, receivable, terms) in &owned {
            let day = receivable.own_cutoff.unwrap_or(t.case.pool.cutoff);
            let (schedule, _) =
                cashfall::plan::remaining_schedule(receivable, terms, t.case.pool.cutoff);
            let left: Amount =
                schedule.iter().filter(|line| line.due > end).map(|line| line.principal).sum();
            if day <= end && left > Amount::ZERO {
                count += 1;
                balance += left;
            }
        }
        assert_eq!(balance.to_string(), t.amount("pool.closing", month));
        let whole = if count > 0 { "100.0000" } else { "0.00" };
        rows.push(format!("{month},{end},NORMAL,{count},{balance},{whole}"));
        let none = if count > 0 { "0.0000" } else { "0.00" };
        for bucket in ["M1", "M2", "M3"] {
            rows.push(format!("{month},{end},{bucket},0,0.00,{none}"));
        }
        let defaulted = t.amount("pool.default", month);
        rows.push(format!("{month},{end},DEFAULT_NEW,0,{defaulted},"));
    }
    t.expect("delinquency.csv", &rows);
}
