//! A study as JSON: money as text with two decimals, ratios as text with 12.

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::report::findings_json;
use crate::static_pool::{
    AgeRate, BackTest, BaseCase, Curves, Ladder, Ratio, Ratios, RollRates, StaticPool, Study,
};

/// The version of the schema.
pub(super) const SCHEMA: &str = "cashfall.static/1";

pub(super) fn page(
    pool: &StaticPool,
    studies: &[Study],
    ratios: &Ratios,
    findings: &[Finding],
) -> Value {
    json!({
        "schema": SCHEMA,
        "file": pool.file,
        "sha256": pool.sha256,
        "mob_base": pool.mob_base,
        "products": studies.iter().map(study).collect::<Vec<_>>(),
        "ratios": {
            "by_age": ratios.by_age.iter().map(of_ratio).collect::<Vec<_>>(),
            "by_month": ratios.by_month.iter().map(of_ratio).collect::<Vec<_>>(),
        },
        "findings": findings_json(findings),
    })
}

fn twelve(share: f64) -> String {
    format!("{share:.12}")
}

fn study(study: &Study) -> Value {
    json!({
        "product": study.product,
        "ladder": study.ladder.as_ref().map(ladder),
        "base_case": study.base.as_ref().map(|base| base_case(study, base)),
        "back_test": study.back_test.as_ref().map(|test| back_test(study, test)),
        "roll_rates": study.rolls.as_ref().map(rolls),
        "curves": curves(&study.curves),
    })
}

fn ladder(ladder: &Ladder) -> Value {
    let triangle = &ladder.triangle;
    let ages = triangle.mobs.iter().enumerate().map(|(place, mob)| {
        json!({
            "mob": mob,
            "link": ladder.links.get(place).copied().flatten().map(twelve),
            "to_ultimate": twelve(ladder.to_ultimate[place]),
            "timing": twelve(ladder.timing[place]),
        })
    });
    let vintages = ladder.ultimates.iter().enumerate().map(|(place, end)| {
        json!({
            "vintage": triangle.names[place],
            "original": triangle.originals[place].to_string(),
            "mob": triangle.mobs[end.latest],
            "cum_default": end.observed.to_string(),
            "ultimate_default": format!("{:.6}", end.amount),
            "ultimate": twelve(end.ratio),
        })
    });
    json!({
        "average": ladder.method.average.name(),
        "last": ladder.method.last,
        "tail": ladder.method.tail.to_string(),
        "min_volume": ladder.method.min_volume.to_string(),
        "ages": ages.collect::<Vec<_>>(),
        "vintages": vintages.collect::<Vec<_>>(),
    })
}

fn base_case(study: &Study, base: &BaseCase) -> Value {
    let mobs = study.ladder.as_ref().map(|ladder| ladder.triangle.mobs.clone());
    let seasoned = mobs.unwrap_or_default().into_iter().zip(&base.seasoned);
    let seasoned = seasoned.filter_map(|(mob, seasoned)| {
        let (left, rest) = (*seasoned)?;
        Some(json!({ "mob": mob, "balance_left": twelve(left), "remaining": twelve(rest) }))
    });
    let stressed = base.stressed.iter().map(|stressed| {
        json!({
            "rating": stressed.rating.name,
            "multiple": stressed.rating.multiple.map(|rate| rate.to_string()),
            "by_multiple": stressed.by_multiple.map(twelve),
            "probability": stressed.rating.probability.map(|rate| rate.to_string()),
            "by_quantile": stressed.by_quantile.map(twelve),
        })
    });
    json!({
        "weighted": twelve(base.weighted),
        "mean": twelve(base.mean),
        "deviation": base.deviation.map(twelve),
        "add_on": base.terms.add_on.to_string(),
        "trend": base.trend.map(|trend| json!({
            "slope": twelve(trend.slope),
            "error": trend.error.map(twelve),
            "end": twelve(trend.end),
            "add_on": twelve(trend.add_on),
        })),
        "base": twelve(base.base),
        "purchased": base.terms.purchased.to_string(),
        "of_initial_pool": twelve(base.revolving),
        "lognormal": base.lognormal.map(|fit| json!({
            "mu": twelve(fit.mu),
            "sigma": twelve(fit.sigma),
            "sigma_used": twelve(fit.used),
        })),
        "stressed": stressed.collect::<Vec<_>>(),
        "seasoned": seasoned.collect::<Vec<_>>(),
    })
}

fn back_test(study: &Study, test: &BackTest) -> Value {
    let name =
        |vintage: usize| study.ladder.as_ref().map(|ladder| ladder.triangle.names[vintage].clone());
    let mob = |place: usize| study.ladder.as_ref().map(|ladder| ladder.triangle.mobs[place]);
    let rows = test.rows.iter().map(|row| {
        json!({
            "vintage": name(row.vintage),
            "from_mob": mob(row.from),
            "mob": mob(row.to),
            "predicted": format!("{:.6}", row.predicted),
            "actual": row.actual.to_string(),
            "error": row.error().map(twelve),
        })
    });
    json!({
        "months": test.months,
        "error": test.error().map(twelve),
        "mean_absolute_error": test.mean_absolute_error().map(twelve),
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn rolls(rolls: &RollRates) -> Value {
    let steps = rolls.rolls.iter().map(|roll| {
        let rates = roll
            .rates
            .iter()
            .map(|(date, rate)| json!({ "date": date.to_string(), "rate": rate.map(twelve) }));
        json!({
            "from": roll.from.name(),
            "to": roll.to.name(),
            "rates": rates.collect::<Vec<_>>(),
            "mean": roll.mean.map(twelve),
        })
    });
    json!({
        "months": rolls.months,
        "steps": steps.collect::<Vec<_>>(),
        "gross_flow": rolls.gross_flow().map(twelve),
        "yearly": rolls.yearly().map(twelve),
    })
}

fn curves(curves: &Curves) -> Value {
    let by_age = |rates: &[AgeRate]| -> Vec<Value> {
        let rate = |rate: &AgeRate| {
            json!({
                "age": rate.age,
                "numerator": rate.part.to_string(),
                "denominator": rate.whole.to_string(),
                "rate": twelve(rate.rate),
            })
        };
        rates.iter().map(rate).collect()
    };
    json!({
        "mdr": by_age(&curves.mdr),
        "mdr_factor": curves.scaled.as_ref().map(|scaled| twelve(scaled.factor)),
        "smm": by_age(&curves.smm),
        "recovery_rate": curves.recovery_rate.map(twelve),
        "recovery_lag": curves.recovery_lag.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn of_ratio(ratio: &Ratio) -> Value {
    let bases = ratio.bases.iter().map(|(base, amount)| {
        let of = json!({
            "denominator": amount.to_string(),
            "ratio": ratio.on(*base).map(twelve),
        });
        (base.name().to_string(), of)
    });
    json!({
        "figure": ratio.figure.name(),
        "vintage": ratio.vintage,
        "mob": ratio.mob,
        "date": ratio.date.to_string(),
        "numerator": ratio.numerator.to_string(),
        "bases": bases.collect::<serde_json::Map<_, _>>(),
    })
}
