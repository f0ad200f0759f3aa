//! Exact money: accrual against exact rationals, the registrar's closed form against a search, and
//! the same input giving the same bytes.

mod testkit;

use cashfall::deal::Deal;
use cashfall::job::{Job, Request};
use cashfall::model::Inputs;
use cashfall::money::{Rate, Rounding, portion};
use cashfall::report::{Caches, Content, ReportLang, Workbook, write_xlsx};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rust_decimal::Decimal;
use testkit::case;

fn below(random: &mut Pcg64Mcg, bound: u64) -> i64 {
    i64::try_from(random.next_u64() % bound).expect("bounds are small")
}

/// `balance × coupon × days ÷ basis` up to 2 bn: the quotient and remainder of whole decimals say
/// which way it must round.
#[test]
fn a_hundred_thousand_accruals_equal_exact_rationals() {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut ties = 0;
    for round in 0..100_000 {
        let mut balance = below(&mut random, 200_000_000_001);
        // Coupons to the hundredth of a basis point, as printed.
        let mut coupon = Rate::from_parts(below(&mut random, 150_000) * 1_000_000);
        let mut days = below(&mut random, 367);
        let basis = [360, 365][usize::try_from(below(&mut random, 2)).expect("0 or 1")];
        if round % 50 == 0 {
            // A whole year at 2.5 % of an odd multiple of 20 fen ends in half a fen.
            balance = balance / 40 * 40 + 20;
            coupon = Rate::from_parts(25_000_000_000);
            days = basis;
        }
        let ours = portion(
            balance,
            &[coupon.parts(), days],
            &[basis, Rate::ONE.parts()],
            Rounding::HalfUp,
        );
        let exact = Decimal::from(balance) * coupon.to_decimal() * Decimal::from(days);
        let floor = (exact / Decimal::from(basis)).floor();
        // Twice the remainder against the divisor, without another division.
        let rest = (exact - floor * Decimal::from(basis)) * Decimal::TWO;
        ties += i32::from(rest == Decimal::from(basis));
        let expected = if rest >= Decimal::from(basis) { floor + Decimal::ONE } else { floor };
        assert_eq!(Decimal::from(ours), expected, "{balance} × {coupon} × {days} / {basis}");
    }
    assert!(ties >= 2_000, "many of them stand exactly between two fen");
}

/// The fixture at 2 bn has ties: 1,999,999,999.80 × 2.5 % × 365 / 365 = 49,999,999.995.
#[test]
fn a_tie_at_two_billion_rounds_away_from_zero() {
    let case = case("two_billion");
    let (model, run) = testkit::run(&case);
    let accrued = model.line("tranche.A.accrued").expect("a tranche");
    assert_eq!(run.amount(accrued, 1).to_string(), "50000000.00");
}

/// The largest D with D + ROUND(D × f) ≤ A, by search, against the closed form.
#[test]
fn the_closed_form_of_the_fee_on_what_is_paid_equals_the_search() {
    let mut random = Pcg64Mcg::seed_from_u64(2);
    for round in 0..20_000 {
        let available = if round < 3_000 { round } else { below(&mut random, 5_000_000_000) };
        let rate = [50_000_000, 100_000_000, 12_300_000_000, 1_000_000_000]
            [usize::try_from(round % 4).expect("small")];
        let one = Rate::ONE.parts();
        let fee = |paid: i64| portion(paid, &[rate], &[one], Rounding::HalfUp);
        let most = portion(available, &[one], &[one + rate], Rounding::HalfUp);
        let closed = most.min(available - fee(most));
        let mut searched = most + 3;
        while searched + fee(searched) > available {
            searched -= 1;
        }
        assert_eq!(closed, searched, "A {available}, f {rate}");
    }
}

fn workbook(job: &Job) -> Workbook {
    let (model, run) = testkit::run(job);
    job.workbook(&model, &Inputs::of(&model), &run, ReportLang::Both)
}

#[test]
fn the_same_input_gives_the_same_bytes_with_one_thread_or_two() {
    let folder = testkit::recalculate::fresh("bytes");
    let deal = testkit::path("cases/lendingclub/deal.toml");
    let bytes = [1, 2, 2].map(|threads| {
        let request = Request { deal: deal.clone(), threads, ..Request::default() };
        let job =
            testkit::accept(Job::open(&request).expect("the files are there")).expect("no errors");
        let file = folder.join("report.xlsx");
        write_xlsx(&workbook(&job), &file, Caches::Right).expect("written");
        std::fs::read(&file).expect("read back")
    });
    assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2]);
    let left: Vec<_> = std::fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(left.len(), 1, "no temporary file is left");
    let _ = std::fs::remove_dir_all(folder);
}

/// Rows in another order: the same figures and formulas; only the tape's hash on the cover differs.
#[test]
fn the_order_of_the_rows_does_not_matter() {
    let folder = testkit::recalculate::fresh("rows");
    let tape = testkit::fixture("cases/behaviour/pool.csv");
    let mut lines: Vec<&str> = tape.lines().collect();
    lines[1..].reverse();
    let shuffled = folder.join("pool.csv");
    std::fs::write(&shuffled, lines.join("\n")).expect("written");
    let request = Request {
        deal: testkit::path("cases/behaviour/deal.toml"),
        tape: Some(shuffled),
        threads: 1,
        ..Request::default()
    };
    let job =
        testkit::accept(Job::open(&request).expect("the files are there")).expect("no errors");
    let cells = |workbook: &Workbook| -> Vec<_> {
        let cells = workbook.sheets.iter().flat_map(|sheet| &sheet.cells);
        let kept = cells.filter(
            |cell| !matches!(&cell.content, Content::Text(text) if text.starts_with("SHA-256")),
        );
        kept.cloned().collect()
    };
    assert_eq!(cells(&workbook(&case("behaviour"))), cells(&workbook(&job)));
    let _ = std::fs::remove_dir_all(folder);
}

/// A registrar fee that is capped, or not due at all, keeps no cash back from the holders.
#[test]
fn a_capped_or_gated_fee_on_what_is_paid_leaves_nothing_behind() {
    let text = testkit::fixture("cases/worked_example_cn/deal.toml");
    let fee = "pay = [{ fee = \"registrar\" }]";
    for changed in [
        "pay = [{ fee = \"registrar\", cap = 0.05 }]",
        "when = \"accelerated\"\npay = [{ fee = \"registrar\" }]",
    ] {
        let mut job = case("worked_example_cn");
        assert!(text.contains(fee));
        job.deal = testkit::accept(Deal::from_toml("deal.toml", &text.replace(fee, changed)))
            .expect("a deal");
        let (model, run) = testkit::run(&job);
        let carry = model.line("cash.carry").expect("cash");
        assert_eq!(run.amount(carry, 6).to_string(), "0.00", "{changed}");
    }
}

/// Nothing senior outstanding is full coverage: the last payment trips no `below` trigger.
#[test]
fn repaid_seniors_are_covered() {
    let text = testkit::fixture("cases/worked_example_cn/deal.toml")
        .replace("metric = \"cumulative_default_ratio\"", "metric = \"senior_coverage\"")
        .replace("above = \"10 %\"", "below = \"105 %\"");
    let mut job = case("worked_example_cn");
    job.deal = testkit::accept(Deal::from_toml("deal.toml", &text)).expect("a deal");
    let (model, run) = testkit::run(&job);
    let tripped = model.line("trigger.cdr.tripped").expect("a trigger");
    assert!(run.line(tripped).iter().all(|flag| *flag == 0));
}
