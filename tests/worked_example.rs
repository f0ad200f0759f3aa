//! The worked example, variant T, reproduced cell by cell from a six-row tape and a deal file.
//!
//! Every figure comes from two programs of different design that share no code with this one; see
//! `fixtures/cases/worked_example_cn/CASE.md`.

mod testkit;

use cashfall::analytics::of_tranche;
use cashfall::formula::LineId;
use cashfall::job::Job;
use cashfall::model::{Axis, Model, Run};
use cashfall::money::Amount;
use cashfall::time::Calendar;
use testkit::{case, expected_csv};

struct T {
    case: Job,
    model: Model,
    run: Run,
}

fn t() -> T {
    let case = case("worked_example_cn");
    let (model, run) = testkit::run(&case);
    T { case, model, run }
}

impl T {
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

#[test]
fn worked_example_cn_t_schedule() {
    let t = t();
    let mut rows = vec![
        "receivable_id,instalment,due,principal,interest,fee,total,balance_after,before_cutoff"
            .to_string(),
    ];
    for receivable in &t.case.pool.receivables {
        let terms = t.case.pool.terms(receivable);
        for line in cashfall::plan::contract_schedule(receivable, terms) {
            let before = if line.due <= t.case.pool.cutoff { "True" } else { "False" };
            let total = line.principal + line.interest + line.fee;
            rows.push(format!(
                "{},{},{},{},{},{},{total},{},{before}",
                receivable.id,
                line.number,
                line.due,
                line.principal,
                line.interest,
                line.fee,
                line.balance_after
            ));
        }
    }
    expected_csv("worked_example_cn/term_deal/schedule.csv", &rows);
}

#[test]
fn worked_example_cn_t_collections() {
    let t = t();
    let mut dated = Vec::new();
    for receivable in &t.case.pool.receivables {
        let terms = t.case.pool.terms(receivable);
        let (schedule, _) =
            cashfall::plan::remaining_schedule(receivable, terms, t.case.pool.cutoff);
        for line in schedule {
            let cash = line.principal + line.interest + line.fee;
            let row = format!(
                "{},{},SCHEDULED,{},{},{},{},0.00,{cash}",
                line.due, receivable.id, line.number, line.principal, line.interest, line.fee
            );
            dated.push((line.due, receivable.id.to_string(), row));
        }
    }
    dated.sort();
    let header =
        "date,receivable_id,type,instalment,principal,interest,fee,penalty,cash".to_string();
    let rows: Vec<String> =
        std::iter::once(header).chain(dated.into_iter().map(|row| row.2)).collect();
    expected_csv("worked_example_cn/term_deal/collections.csv", &rows);
}

#[test]
fn worked_example_cn_t_pool_rollforward() {
    let t = t();
    let mut rows = vec!["period,start,rday,begin_balance,purchases,scheduled_principal,late_cured_principal,prepaid_principal,refund_principal,defaulted_principal,end_balance,interest,service_fee,penalty,recoveries,total_cash".to_string()];
    for month in 1..=t.model.timeline.len(Axis::Months) {
        let start = t.model.date(Axis::Months, month - 1).succ_opt().expect("a day");
        let end = t.model.date(Axis::Months, month);
        let [opening, scheduled, prepaid, defaulted, closing, interest, fee, cash] =
            ["opening", "scheduled", "prepaid", "default", "closing", "interest", "fee", "cash"]
                .map(|key| t.amount(&format!("pool.{key}"), month));
        rows.push(format!("{month},{start},{end},{opening},0.00,{scheduled},0.00,{prepaid},0.00,{defaulted},{closing},{interest},{fee},0.00,0.00,{cash}"));
    }
    expected_csv("worked_example_cn/term_deal/pool_rollforward.csv", &rows);
}

#[test]
fn worked_example_cn_t_dates() {
    let t = t();
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
    expected_csv("worked_example_cn/term_deal/dates.csv", &rows);
}

#[test]
fn worked_example_cn_t_tax() {
    let t = t();
    let mut rows =
        vec!["payment_no,income_tax_inclusive,vat,surcharge,total,effective_pct".to_string()];
    for tick in t.payments() {
        let [income, vat, surcharge, total] = ["taxable_income", "vat", "surcharge", "accrued"]
            .map(|key| t.run.amount(t.line(&format!("tax.{key}")), tick));
        let effective = total.to_f64() / income.to_f64() * 100.0;
        rows.push(format!("{tick},{income},{vat},{surcharge},{total},{effective:.4}"));
    }
    expected_csv("worked_example_cn/term_deal/tax.csv", &rows);
}

#[test]
fn worked_example_cn_t_waterfall() {
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
    let t = t();
    let mut rows = vec!["payment_no,pay_date,step,item,due,paid,cash_after".to_string()];
    for tick in t.payments() {
        let date = t.model.date(Axis::Payments, tick);
        let available = t.amount("cash.available", tick);
        rows.push(format!("{tick},{date},0,AVAILABLE(carry+collections+account_income),{available},0.00,{available}"));
        for (step, item) in (1..).zip(ITEMS) {
            let [due, paid, left] = ["due", "paid", "left"]
                .map(|part| t.amount(&format!("step.{step}.1.{part}"), tick));
            rows.push(format!("{tick},{date},{step},{item},{due},{paid},{left}"));
        }
        let carry = t.amount("cash.carry", tick);
        rows.push(format!("{tick},{date},15,CARRY_FORWARD,{carry},{carry},{carry}"));
    }
    expected_csv("worked_example_cn/term_deal/waterfall.csv", &rows);
}

#[test]
fn worked_example_cn_t_tranches() {
    let t = t();
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
    expected_csv("worked_example_cn/term_deal/tranches.csv", &rows);
}

#[test]
fn worked_example_cn_t_triggers() {
    let t = t();
    let mut rows = vec!["payment_no,rday,cum_default,cdr_denominator,cdr_pct,acceleration,mode,pool_end_rday_plus_new_purchase,carry_cash,senior_after,senior_cover_pct,idle_cash_pct_of_senior".to_string()];
    let initial = t.model.input("pool.initial_balance").expect("a pool");
    for tick in t.payments() {
        let rday = cashfall::model::day(t.number("dates.determination", tick)).expect("a day");
        let month = t.model.timeline.other_at(Axis::Payments, tick);
        let cumulative = t.amount("pool.cumulative_default", month);
        let initial = Amount::from_minor(t.model.inputs[initial.0].value);
        let ratio = t.number("metric.cumulative_default_ratio", tick) as f64 / 1e10;
        let accelerated = t.number("state.accelerated", tick) == 1;
        let mode =
            if t.number("state.amortising", tick) == 1 { "AMORTISING" } else { "ACCELERATED" };
        let pool = t.amount("pool.closing", month);
        let carry = t.run.amount(t.line("cash.carry"), tick);
        let senior = t.run.amount(t.line("report.senior_after"), tick);
        let (cover, idle) = if senior == Amount::ZERO {
            (String::new(), String::new())
        } else {
            let cover =
                t.run.amount(t.line("report.pool_and_cash"), tick).to_f64() / senior.to_f64();
            (
                format!("{:.4}", cover * 100.0),
                format!("{:.4}", carry.to_f64() / senior.to_f64() * 100.0),
            )
        };
        let accelerated = if accelerated { "True" } else { "False" };
        rows.push(format!("{tick},{rday},{cumulative},{initial},{ratio:.4},{accelerated},{mode},{pool},{carry},{senior},{cover},{idle}"));
    }
    expected_csv("worked_example_cn/term_deal/triggers.csv", &rows);
}

#[test]
fn worked_example_cn_t_summary() {
    let t = t();
    let text = testkit::fixture("cases/worked_example_cn/term_deal/summary.json");
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
    for receivable in &t.case.pool.receivables {
        let terms = t.case.pool.terms(receivable);
        let flows: Vec<f64> = cashfall::plan::contract_schedule(receivable, terms)
            .iter()
            .map(|line| (line.principal + line.interest + line.fee).to_f64())
            .collect();
        let lent = receivable.original_principal.to_f64();
        let rate = cashfall::analytics::internal_rate(lent, &flows, 12.0).expect("a rate");
        let rate = format!("{:.4}", rate * 100.0);
        assert_eq!(summary["irr_pct_by_receivable"][&*receivable.id], rate.as_str());
    }
}
