//! The figures of a run as JSON: tranches × payments, lines × ticks, findings.
//!
//! Money is a text with two decimals, rates are texts with up to 12, dates are ISO: no figure passes
//! through a float. The schema is documented in `docs/reference/json.md`.

use serde_json::{Map, Value, json};

use crate::analytics::{self, Decision, ListDate, Purchases};
use crate::deal::{Coupon, Deal, Tested, Tranche, Trigger};
use crate::finding::{Finding, Lang};
use crate::formula::{LineId, Sort};
use crate::model::{Axis, Dim, Model, Run};
use crate::money::{Amount, Rate};

/// The version of the schema.
const SCHEMA: &str = "cashfall.run/1";

/// Findings, each as an object.
pub(crate) fn findings_json(findings: &[Finding]) -> Value {
    findings.iter().map(finding).collect()
}

/// The whole run.
pub fn to_json(deal: &Deal, model: &Model, run: &Run, findings: &[Finding]) -> Value {
    json!({
        "schema": SCHEMA,
        "deal": { "zh": deal.name.zh, "en": deal.name.en },
        "currency": deal.currency,
        "axes": {
            "months": dates(model, Axis::Months),
            "payments": dates(model, Axis::Payments),
        },
        "cohorts": model.cohorts.iter().map(|name| name.en.as_str()).collect::<Vec<_>>(),
        "segments": model.segments.iter().map(|name| name.en.as_str()).collect::<Vec<_>>(),
        "subpools": subpools(model, run),
        "offers": model.offers.iter().map(|offer| offer.name.en.as_str()).collect::<Vec<_>>(),
        "tranches": (0..deal.tranches.len()).map(|place| tranche(deal, model, run, place)).collect::<Vec<_>>(),
        "triggers": deal.triggers.iter().map(|known| trigger(known, model, run)).collect::<Vec<_>>(),
        "purchases": purchases(deal, model, run),
        "conservation": conservation(model, run),
        "lines": lines(model, run),
        "findings": findings_json(findings),
    })
}

fn dates(model: &Model, axis: Axis) -> Vec<String> {
    model.timeline.dates(axis).iter().map(ToString::to_string).collect()
}

/// The sub-pools of a deal with several tapes, each with what it was and what became of it.
fn subpools(model: &Model, run: &Run) -> Vec<Value> {
    let of = |subpool: &crate::model::PoolPart| {
        let key = |figure: &str| format!("pool.{}.{figure}", subpool.id);
        let line = |figure: &str| model.line(&key(figure)).expect("every sub-pool has its totals");
        let total = |figure: &str| run.total(line(figure)).to_string();
        let initial = model.input(&key("initial_balance")).expect("every sub-pool has a balance");
        let last = model.timeline.len(Axis::Months);
        json!({
            "id": subpool.id,
            "name": { "zh": subpool.name.zh, "en": subpool.name.en },
            "receivables": subpool.count,
            "initial_balance": value(Sort::Amount, model.inputs[initial.0].value),
            "cash": total("cash"),
            "defaulted": total("default"),
            "closing_balance": run.amount(line("closing"), last).to_string(),
        })
    };
    model.subpools.iter().map(of).collect()
}

fn tranche(deal: &Deal, model: &Model, run: &Run, place: usize) -> Value {
    let tranche = &deal.tranches[place];
    let measures = analytics::of_tranche(deal, model, run, place);
    let decimals = |value: Option<f64>| value.map(|value| format!("{value:.6}"));
    let payments = (1..=model.timeline.len(Axis::Payments)).map(|tick| {
        let mut payment = Map::new();
        payment.insert("date".into(), json!(model.date(Axis::Payments, tick).to_string()));
        for part in [
            "opening_balance",
            "interest_paid",
            "principal_paid",
            "remainder_paid",
            "unpaid",
            "closing_balance",
            "interest_per_hundred",
            "principal_per_hundred",
            "factor",
        ] {
            let Some(line) = model.line(&format!("tranche.{}.{part}", tranche.id)) else {
                continue;
            };
            payment.insert(
                part.into(),
                json!(value(model.lines[line.0].sort, run.value(line, tick, 0))),
            );
        }
        Value::Object(payment)
    });
    json!({
        "id": tranche.id,
        "name": { "zh": tranche.name.zh, "en": tranche.name.en },
        "face": tranche.face.to_string(),
        "coupon": coupon(tranche, model, run),
        "wal_years": decimals(measures.wal),
        "xirr": decimals(measures.xirr),
        "price_formula_2": decimals(measures.price),
        "price_formula_1": decimals(measures.price_periodic),
        "interest_paid": measures.paid[0].to_string(),
        "principal_paid": measures.paid[1].to_string(),
        "remainder_paid": measures.paid[2].to_string(),
        "expected_maturity": measures.last_paid.map(|date| date.to_string()),
        "payments": payments.collect::<Vec<_>>(),
    })
}

/// When a trigger first tripped, when it first had effect, and how near it came.
fn trigger(trigger: &Trigger, model: &Model, run: &Run) -> Value {
    let line = |part: &str| model.line(&format!("trigger.{}.{part}", trigger.id));
    let first = |line: Option<LineId>| {
        let line = line?;
        let ticks = 1..=model.timeline.len(Axis::Payments);
        let first = ticks.into_iter().find(|tick| run.value(line, *tick, 0) != 0)?;
        Some(model.date(Axis::Payments, first).to_string())
    };
    let least = line("headroom").map(|line| {
        let least = run.line(line)[1..].iter().min().copied().unwrap_or(0);
        Rate::from_parts(least).to_string()
    });
    let (breach, in_force) = match trigger.tested {
        Tested::Before | Tested::After => (first(line("tripped")), first(line("in_force"))),
        Tested::Daily => (first(line("beyond")), day_in_force(trigger, model, run)),
    };
    json!({
        "id": trigger.id,
        "name": { "zh": trigger.name.zh, "en": trigger.name.en },
        "first_breach": breach,
        "first_in_force": in_force,
        "least_headroom": least,
    })
}

/// The day on which a trigger that is tested daily was first in force, which need not be a payment date.
fn day_in_force(trigger: &Trigger, model: &Model, run: &Run) -> Option<String> {
    let line = |part: &str| model.line(&format!("trigger.{}.{part}", trigger.id));
    let (in_force, day) = (line("in_force")?, line("day_in_force")?);
    let ticks = 1..=model.timeline.len(Axis::Payments);
    let tick = ticks.into_iter().find(|tick| run.value(in_force, *tick, 0) != 0)?;
    value(Sort::Date, run.value(day, tick, 0)).as_str().map(str::to_string)
}

/// The rate of the first interest period.
fn coupon(tranche: &Tranche, model: &Model, run: &Run) -> Value {
    if let Coupon::Fixed(rate) = tranche.coupon {
        return json!(rate.to_string());
    }
    let line = model.line(&format!("tranche.{}.coupon_in_force", tranche.id));
    json!(line.map(|line| value(Sort::Rate, run.value(line, 1, 0))))
}

/// What was bought and what was not, by date; null when the deal buys nothing.
fn purchases(deal: &Deal, model: &Model, run: &Run) -> Value {
    let Some(purchases) = Purchases::of(deal, model, run) else { return Value::Null };
    let offers = purchases.offers.iter().map(|purchase| {
        let (decision, refusal, limit) = match &purchase.decision {
            Decision::Bought => ("bought", None, None),
            Decision::Refused(refusal) => ("refused", Some(refusal), None),
            Decision::BeyondLimit(limit) => ("beyond_limit", None, Some(limit.en.as_str())),
            Decision::TooDear => ("too_dear", None, None),
        };
        json!({
            "payment": purchase.payment,
            "date": purchase.date.to_string(),
            "offer": model.offers[purchase.offer].name.en,
            "outstanding": purchase.outstanding.to_string(),
            "price": purchase.price.to_string(),
            "decision": decision,
            "criterion": refusal.map(|refusal| refusal.id.as_str()),
            "tested": refusal.map(|refusal| refusal.tested.as_str()),
            "limit": limit,
            "left": purchase.left.to_string(),
        })
    });
    json!({
        "budget": purchases.budget.to_string(),
        "price": purchases.price.to_string(),
        "principal": purchases.principal.to_string(),
        "offers": offers.collect::<Vec<_>>(),
        "dates": purchases.dates.iter().map(list_date).collect::<Vec<_>>(),
    })
}

/// A date on which a list was bought from, with the most that it could have spent.
fn list_date(date: &ListDate) -> Value {
    json!({
        "payment": date.payment,
        "date": date.date.to_string(),
        "budget": date.budget.to_string(),
        "price": date.price.to_string(),
        "most": format!("{:.2}", date.most),
    })
}

fn conservation(model: &Model, run: &Run) -> Value {
    let flows = crate::model::Conservation::of(model, run);
    json!({
        "received": flows.received.to_string(),
        "paid": flows.paid.to_string(),
        "held": flows.held.to_string(),
        "difference": flows.difference().to_string(),
    })
}

fn lines(model: &Model, run: &Run) -> Value {
    let lines = model.lines.iter().enumerate().map(|(place, line)| {
        let id = LineId(place);
        let elements = model.elements(line.dim);
        let values = run.line(id).chunks(elements.max(1)).map(|tick| match line.dim {
            Dim::One => json!(value(line.sort, tick[0])),
            Dim::Cohort | Dim::Segment | Dim::Offer => {
                json!(tick.iter().map(|number| value(line.sort, *number)).collect::<Vec<_>>())
            }
        });
        json!({
            "key": line.key,
            "axis": match line.axis {
                Axis::Months => "months",
                Axis::Payments => "payments",
                Axis::Purchases => "purchases",
            },
            "dimension": match line.dim { Dim::One => "none", Dim::Cohort => "cohort", Dim::Segment => "segment", Dim::Offer => "offer" },
            "values": values.collect::<Vec<_>>(),
        })
    });
    Value::Array(lines.collect())
}

/// A value as text, exact.
fn value(sort: Sort, value: i64) -> Value {
    match sort {
        Sort::Amount => json!(Amount::from_minor(value).to_string()),
        Sort::Rate => json!(Rate::from_parts(value).to_string()),
        Sort::Number | Sort::Flag => json!(value),
        Sort::Date => json!(crate::model::day(value).map(|day| day.to_string())),
    }
}

/// A finding with both languages.
fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity(),
        "file": finding.origin.file,
        "sheet": finding.origin.sheet,
        "cell": finding.origin.cell,
        "more": finding.more,
        "message": { "zh": finding.message(Lang::Zh), "en": finding.message(Lang::En) },
        "help": { "zh": finding.help(Lang::Zh), "en": finding.help(Lang::En) },
    })
}
