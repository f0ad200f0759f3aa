//! The deal templates on the demo's pool: what the documents promise, whatever the pool does. Payments
//! of two of them against `fixtures/cases/templates/recompute.py`, which shares no code and no design
//! with the engine.

mod testkit;

use cashfall::deal::Deal;
use cashfall::job::Job;
use cashfall::model::{Axis, Conservation, Model, Run};
use cashfall::money::Amount;
use testkit::templates::{Demo, NAMES, OTHERS, Stress, other};

/// A template that has run.
struct Ran {
    name: String,
    job: Job,
    model: Model,
    run: Run,
}

impl Ran {
    fn of(name: &str, stress: Stress, job: Job) -> Ran {
        let (model, run) = testkit::run(&job);
        Ran { name: format!("{name} {stress:?}"), job, model, run }
    }

    /// A template under all assumptions.
    fn all(name: &str) -> Vec<(Stress, Ran)> {
        let demo = Demo::new();
        let ran = |stress| (stress, Ran::of(name, stress, demo.template(name, stress)));
        Stress::ALL.into_iter().map(ran).collect()
    }

    fn deal(&self) -> &Deal {
        &self.job.deal
    }

    /// What a line holds on each payment date, in minor units; flags are 0 or 1.
    fn line(&self, key: &str) -> Vec<i64> {
        let line = self.model.line(key).unwrap_or_else(|| panic!("{} has {key}", self.name));
        let dates = 1..=self.model.timeline.len(Axis::Payments);
        dates.map(|tick| self.run.value(line, tick, 0)).collect()
    }

    fn of_tranche(&self, id: &str, part: &str) -> Vec<i64> {
        self.line(&format!("tranche.{id}.{part}"))
    }

    /// The sum of several lines by date.
    fn sum(&self, keys: &[String]) -> Vec<i64> {
        let lines: Vec<Vec<i64>> = keys.iter().map(|key| self.line(key)).collect();
        (0..lines[0].len()).map(|date| lines.iter().map(|line| line[date]).sum()).collect()
    }

    fn of_tranches(&self, ids: &[&str], part: &str) -> Vec<i64> {
        self.sum(&ids.iter().map(|id| format!("tranche.{id}.{part}")).collect::<Vec<_>>())
    }

    /// A line of the step of a clause: its payment and what it says.
    fn of_clause(&self, clause: &str, part: &str) -> Vec<i64> {
        let steps = &self.deal().steps;
        let place = steps.iter().position(|step| step.clause == clause);
        let place = place.unwrap_or_else(|| panic!("{} has clause {clause}", self.name));
        self.line(&format!("step.{}.{part}", place + 1))
    }

    /// The first date on which a flag holds, counted from 0.
    fn first(&self, flag: &str) -> Option<usize> {
        self.line(flag).iter().position(|value| *value == 1)
    }

    /// No principal of a class on a date after which a class above it is outstanding.
    fn waits(&self, classes: &[&[&str]]) {
        for pair in classes.windows(2) {
            let owed = self.of_tranches(pair[0], "closing_balance");
            let paid = self.of_tranches(pair[1], "principal_paid");
            for (date, (owed, paid)) in owed.iter().zip(&paid).enumerate() {
                let waits = *owed == 0 || *paid == 0;
                assert!(waits, "{}, date {}: {:?} waits", self.name, date + 1, pair[1]);
            }
        }
    }
}

/// Nothing is lost, nothing is below zero, nothing stays behind.
fn keeps_the_books(ran: &Ran) {
    let conservation = Conservation::of(&ran.model, &ran.run);
    assert_eq!(conservation.difference(), Amount::ZERO, "{}", ran.name);
    assert_eq!(conservation.held, Amount::ZERO, "{}: cash is left behind", ran.name);
    assert!(conservation.received > Amount::ZERO);
    for line in &ran.model.lines {
        let balance = ["closing_balance", "unpaid", "drawn_after", "carried_out", "left"];
        if balance.contains(&line.part) {
            let lowest = ran.line(&line.key).into_iter().min().expect("there are dates");
            assert!(lowest >= 0, "{}: {} falls below zero", ran.name, line.key);
        }
    }
}

#[test]
fn every_template_keeps_the_books_whatever_the_pool_does() {
    let demo = Demo::new();
    for (name, stress) in NAMES.iter().flat_map(|name| Stress::ALL.map(|stress| (name, stress))) {
        keeps_the_books(&Ran::of(name, stress, demo.template(name, stress)));
    }
}

/// While the deal revolves it pays no principal, and the step of that clause spends all that is above
/// the provision: at par the whole budget, so that the provision is what stays.
fn buys_with_all_above_the_provision(ran: &Ran, clause: &str) {
    let (budget, price) = (ran.of_clause(clause, "1.budget"), ran.of_clause(clause, "1.paid"));
    let (provision, carried) = (ran.line("define.provision"), ran.line("cash.carry"));
    let principal = ran.of_tranches(&["A", "B", "C"], "principal_paid");
    let revolving = ran.line("state.revolving");
    assert!(revolving.contains(&1), "{} revolves", ran.name);
    for (date, revolves) in revolving.iter().enumerate() {
        let at = format!("{}, date {}", ran.name, date + 1);
        assert_eq!(budget[date], price[date], "{at}: at par all of it is spent");
        if *revolves == 1 {
            assert_eq!(principal[date], 0, "{at}: revolving pays no principal");
            assert_eq!(carried[date], provision[date], "{at}: the provision stays");
            assert!(budget[date] > 0, "{at} buys");
        } else {
            assert_eq!(budget[date], 0, "{at}: nothing is bought any more");
        }
    }
}

#[test]
fn baitiao_2015_pays_strictly_in_order_and_buys_while_it_revolves() {
    for (stress, ran) in Ran::all("baitiao_2015") {
        ran.waits(&[&["A"], &["B"], &["C"]]);
        buys_with_all_above_the_provision(&ran, "6a");
        // Losses accelerate the deal before its time; else no cash is idle that would end it.
        let revolving: i64 = ran.line("state.revolving").iter().sum();
        assert_eq!(revolving == 11, stress != Stress::Harsh, "{}: {revolving}", ran.name);
        assert_eq!(ran.first("trigger.idle.tripped"), None, "{}", ran.name);
        // Interest is quarterly while it revolves.
        let interest = ran.of_tranche("A", "interest_paid");
        assert!(interest[0] == 0 && interest[1] == 0 && interest[2] > 0);
        assert_eq!(ran.first("state.accelerated").is_some(), stress == Stress::Harsh);
    }
}

#[test]
fn baitiao_abn_2017_pays_strictly_in_order_and_by_the_unit() {
    for (stress, ran) in Ran::all("baitiao_abn_2017") {
        ran.waits(&[&["A"], &["B"], &["C"]]);
        buys_with_all_above_the_provision(&ran, "(f1)");
        for tranche in &ran.deal().tranches[..2] {
            // 0.0001 on each 100 of face, in minor units.
            let unit = tranche.face.minor() / 1_000_000;
            for part in ["interest_paid", "principal_paid"] {
                let paid = ran.of_tranche(&tranche.id, part);
                assert!(paid.iter().any(|paid| *paid > 0));
                let whole = paid.iter().all(|paid| paid % unit == 0);
                assert!(whole, "{}: {} {part} is a multiple of {unit}", ran.name, tranche.id);
            }
        }
        // Tested after payment: the acceleration works from the next date.
        let tripped = ran.first("trigger.cdr.tripped");
        assert_eq!(tripped.is_some(), stress == Stress::Harsh, "{}", ran.name);
        assert_eq!(ran.first("state.accelerated"), tripped.map(|date| date + 1));
    }
}

#[test]
fn huabei_pays_its_bullets_on_the_last_date_unless_it_is_accelerated() {
    for (stress, ran) in Ran::all("huabei") {
        ran.waits(&[&["A"], &["B"], &["C"]]);
        buys_with_all_above_the_provision(&ran, "4b");
        let paid = ran.of_tranches(&["A", "B"], "principal_paid");
        let first = paid.iter().position(|paid| *paid > 0);
        let accelerated = ran.first("state.accelerated");
        assert_eq!(accelerated.is_some(), stress == Stress::Harsh);
        match accelerated {
            Some(date) => assert_eq!(first, Some(date), "acceleration pays at once"),
            None => {
                assert_eq!(first, Some(paid.len() - 1), "{}", ran.name);
                let balance = ran.of_tranches(&["A", "B"], "closing_balance");
                assert_eq!(balance.last(), Some(&0));
                // Until then the account holds no more than the bullets need.
                let held = ran.line("account.principal.closing_balance");
                let needed = ran.of_tranches(&["A", "B"], "opening_balance");
                assert!(held.iter().zip(&needed).all(|(held, needed)| held <= needed));
            }
        }
        let called = ran.line("support.undertaking.called_to_date");
        assert!(called.last() <= Some(&30_000_000), "within the limit of the undertaking");
    }
}

#[test]
fn us_auto_pays_down_to_the_pool_and_reaches_its_target() {
    for (stress, ran) in Ran::all("us_auto_oc") {
        // Strict by class; the classes of A are one class after an event of default, which none of
        // these runs sees.
        ran.waits(&[&["A1"], &["A2"], &["A3"], &["B"], &["C"]]);
        assert_eq!(ran.first("state.event_of_default"), None);
        let notes = ran.of_tranches(&["A1", "A2", "A3", "B", "C"], "closing_balance");
        let (adjusted, required) =
            (ran.line("define.adjusted_pool"), ran.line("define.required_notes"));
        let left = ran.of_clause("(x)", "5.left");
        let called = ran.line("call.exercised");
        for date in 0..notes.len() {
            let within = notes[date] <= adjusted[date] || left[date] == 0;
            assert!(within, "{}, date {}: notes above the pool", ran.name, date + 1);
            let reached = notes[date] <= required[date] || left[date] == 0;
            assert!(reached, "{}, date {}: cash passes a target missed", ran.name, date + 1);
            assert!(called[date] == 0 || notes[date] == 0, "{}: a call pays all notes", ran.name);
        }
        let on_target = notes.iter().zip(&required).position(|(notes, target)| notes == target);
        assert_eq!(on_target, Some(0), "{}: the first date reaches the target", ran.name);
        assert_eq!(ran.first("call.exercised").is_some(), stress != Stress::Harsh);
    }
}

/// The rule of the two accounts: what has gone from income to principal is what has defaulted and
/// what principal has lent, as far as income had it.
#[test]
fn bank_trust_gives_back_what_defaulted_and_what_principal_lent() {
    for (stress, ran) in Ran::all("bank_trust") {
        // A1 before A2 until acceleration, side by side after it; class B and the rest wait anyway.
        ran.waits(&[&["A1", "A2"], &["B"], &["SUB"]]);
        let accelerated = ran.line("state.accelerated");
        assert_eq!(accelerated.contains(&1), stress == Stress::Harsh);
        let lent = ran.of_clause("P1", "1.paid");
        let moved = ran.of_clause("I6", "1.paid");
        let left = ran.of_clause("I5", "1.left");
        let month = ran.model.line("pool.cumulative_default").expect("a pool");
        let (mut lent_ever, mut moved_ever) = (0, 0);
        for date in 0..moved.len() {
            let until = ran.model.timeline.other_at(Axis::Payments, date + 1);
            let defaulted = ran.run.value(month, until, 0);
            lent_ever += lent[date];
            let owed = (defaulted + lent_ever - moved_ever).max(0);
            let wanted = if accelerated[date] == 1 { 0 } else { owed.min(left[date]) };
            assert_eq!(moved[date], wanted, "{}, date {}", ran.name, date + 1);
            moved_ever += moved[date];
        }
        assert!(moved_ever > 0 || stress == Stress::None);
        let before = |date: usize| accelerated[date] == 0;
        let a1 = ran.of_tranche("A1", "closing_balance");
        let a2 = ran.of_tranche("A2", "principal_paid");
        assert!((0..a1.len()).all(|date| !before(date) || a1[date] == 0 || a2[date] == 0));
    }
}

/// Income too small for its claims borrows from principal, and gives back when it can.
#[test]
fn bank_trust_borrows_from_principal() {
    let demo = Demo::new();
    // Coupons beyond what the pool earns.
    let dear = "[[tranche]]\nid = \"A1\"\ncoupon = \"40 %\"\n";
    let job = demo.changed("bank_trust", dear, Stress::None);
    let ran = Ran::of("bank_trust, dear", Stress::None, job);
    keeps_the_books(&ran);
    let (lent, moved) = (ran.of_clause("P1", "1.paid"), ran.of_clause("I6", "1.paid"));
    assert!(lent[0] > 0 && moved[0] == 0, "the first date borrows");
    assert_eq!(lent.iter().sum::<i64>(), moved.iter().sum::<i64>(), "all of it comes back");
    assert_eq!(ran.of_tranches(&["A1", "A2", "B"], "unpaid").iter().max(), Some(&0));
}

#[test]
fn auto_scheduled_keeps_its_schedule_until_the_call_and_its_facility_within_the_limit() {
    for (_, ran) in Ran::all("auto_scheduled") {
        // A2 receives what the schedule of A1 leaves, so it may be paid before A1 is; the
        // subordinated tranche waits for both.
        ran.waits(&[&["A1", "A2"], &["SUB"]]);
        let (balance, schedule) =
            (ran.of_tranche("A1", "closing_balance"), ran.of_tranche("A1", "scheduled_balance"));
        let called = ran.line("call.exercised");
        let on_schedule = ran.of_tranche("A2", "principal_paid");
        for date in 0..balance.len() {
            let paid_off = called[date] == 1;
            assert!(balance[date] >= schedule[date] || paid_off, "{}: {}", ran.name, date + 1);
            let a1_has_its_due = balance[date] <= schedule[date];
            assert!(on_schedule[date] == 0 || a1_has_its_due, "{}: {}", ran.name, date + 1);
        }
        assert!(called.contains(&1), "{}: the deal is called", ran.name);
        let limit = ran.deal().facilities[0].limit.minor();
        for part in ["drawn_before", "drawn_after"] {
            let drawn = ran.line(&format!("facility.liquidity.{part}"));
            assert!(drawn.iter().all(|drawn| (0..=limit).contains(drawn)), "{}", ran.name);
        }
        let date = called.iter().position(|called| *called == 1).expect("a call");
        let seniors = ran.of_tranches(&["A1", "A2"], "closing_balance");
        assert!(seniors[date..].iter().all(|balance| *balance == 0), "{}", ran.name);
    }
}

/// A bill on the fourth date that takes all its cash, a reserve and a facility smaller than the
/// interest of the date.
const BILL: &str = r#"
[define]
reserve_target = "if(seniors_run, 1000.00, 0.00)"

[[account]]
id = "reserve"
opening = 1000.00

[[facility]]
id = "liquidity"
limit = 2000.00

[[fee]]
id = "bill"
amount = 1500000.00
payments = [4]

[[step]]
clause = "2"
pay = [{ fee = "trustee" }, { fee = "servicer" }, { fee = "bill" }]
"#;

/// A shortfall of interest draws the reserve, then the facility, up to what they have; what is left
/// over is owed, and the next date repays.
#[test]
fn auto_scheduled_draws_reserve_and_facility_for_interest() {
    let demo = Demo::new();
    let job = demo.changed("auto_scheduled", BILL, Stress::Harsh);
    let ran = Ran::of("auto_scheduled, bill", Stress::Harsh, job);
    keeps_the_books(&ran);
    let due = ran.of_clause("4", "all_due");
    assert_eq!(ran.of_clause("4", "pot")[..5], [due[0], due[1], due[2], 0, due[4]]);
    assert_eq!(ran.of_clause("4a", "pot")[..5], [0, 0, 0, 100_000, 0]);
    assert_eq!(ran.of_clause("4b", "pot")[..5], [0, 0, 0, 200_000, 0]);
    assert_eq!(ran.of_tranches(&["A1", "A2"], "unpaid")[..5], [0, 0, 0, due[3] - 300_000, 0]);
    assert_eq!(ran.line("facility.liquidity.drawn_after")[..5], [0, 0, 0, 200_000, 0]);
    assert_eq!(ran.of_clause("3", "3.paid")[4], 200_000);
    // 2,000.00 from 26 May to 26 June, 31 days, at 4.35 %: 7.3890.
    assert_eq!(ran.of_clause("3", "2.paid")[4], 739);
}

/// The csv of the independent script: its columns, and what they are called here.
fn recomputed(name: &str, stress: Stress, key: impl Fn(&Ran, &str) -> Vec<i64>, flags: &[&str]) {
    let demo = Demo::new();
    let ran = Ran::of(name, stress, demo.template(name, stress));
    let file = format!("templates/expected/{name}_{}.csv", format!("{stress:?}").to_lowercase());
    let text = testkit::fixture(&format!("cases/{file}"));
    let header = text.lines().next().expect("a header");
    let columns: Vec<(&str, Vec<i64>)> =
        header.split(',').skip(1).map(|column| (column, key(&ran, column))).collect();
    let mut rows = vec![header.to_string()];
    for date in 0..ran.model.timeline.len(Axis::Payments) {
        let cells = columns.iter().map(|(column, values)| match flags.contains(column) {
            true => values[date].to_string(),
            false => Amount::from_minor(values[date]).to_string(),
        });
        rows.push(format!("{},{}", date + 1, cells.collect::<Vec<_>>().join(",")));
    }
    testkit::expected_csv(&file, &rows);
}

/// `prin_A2` is `tranche.A2.principal_paid`.
fn of_tranche(ran: &Ran, column: &str) -> Vec<i64> {
    let (part, id) = column.split_once('_').expect("part_tranche");
    let part = match part {
        "int" => "interest_paid",
        "prin" => "principal_paid",
        "bal" => "closing_balance",
        other => panic!("no column {other}"),
    };
    ran.of_tranche(id, part)
}

/// Cash that the months brought since the date before.
fn collected(ran: &Ran) -> Vec<i64> {
    let line = ran.model.line("pool.cash").expect("a pool");
    let months = |tick| ran.model.timeline.other_at(Axis::Payments, tick);
    let dates = 1..=ran.model.timeline.len(Axis::Payments);
    let since =
        |tick| (months(tick - 1) + 1..=months(tick)).map(|m| ran.run.value(line, m, 0)).sum();
    dates.map(since).collect()
}

#[test]
fn bank_trust_pays_what_the_script_computes_from_the_clauses() {
    for stress in [Stress::Base, Stress::Harsh] {
        let key = |ran: &Ran, column: &str| match column {
            "collected" => collected(ran),
            "accelerated" => ran.line("state.accelerated"),
            "costs" => ran.line("cash.costs_paid"),
            "to_income" => ran.of_clause("P1", "1.paid"),
            "to_principal" => ran.of_clause("I6", "1.paid"),
            "rest_SUB" => ran.of_tranche("SUB", "remainder_paid"),
            rest if rest.starts_with("rest_") => vec![0; ran.line("state.accelerated").len()],
            other => of_tranche(ran, other),
        };
        recomputed("bank_trust", stress, key, &["accelerated"]);
    }
}

#[test]
fn us_auto_pays_what_the_script_computes_from_the_clauses() {
    for stress in [Stress::Base, Stress::Harsh] {
        let key = |ran: &Ran, column: &str| match column {
            "collected" => collected(ran),
            "cnl" => ran.line("trigger.cnl.in_force"),
            "default_after" => ran.line("trigger.default.in_force"),
            "called" => ran.line("call.exercised"),
            "costs" => ran.line("cash.costs_paid"),
            "certificates" => ran.of_clause("(xiv)", "1.paid"),
            "reserve" => ran.line("account.reserve.closing_balance"),
            other => of_tranche(ran, other),
        };
        recomputed("us_auto_oc", stress, key, &["cnl", "default_after", "called"]);
    }
}

/// The templates on credit lines and on receivables in default, with the accounts and the tape of their
/// cases.
fn of_other(name: &str) -> Vec<(Stress, Ran)> {
    let of = OTHERS.into_iter().find(|(other, _)| *other == name).expect("a template");
    Stress::ALL
        .into_iter()
        .map(|stress| (stress, Ran::of(name, stress, other(of, stress))))
        .collect()
}

#[test]
fn credit_lines_buy_draws_while_they_revolve_and_end_early_when_they_lose() {
    for (stress, ran) in of_other("credit_lines") {
        keeps_the_books(&ran);
        ran.waits(&[&["A"], &["B"], &["SUB"]]);
        let revolving = ran.line("state.revolving");
        let (bought, principal) =
            (ran.of_clause("5", "1.paid"), ran.of_tranches(&["A", "B", "SUB"], "principal_paid"));
        for date in 0..revolving.len() {
            let at = format!("{}, date {}", ran.name, date + 1);
            assert_eq!(revolving[date] == 1 && bought[date] > 0, bought[date] > 0, "{at}");
            assert!(revolving[date] == 0 || principal[date] == 0, "{at}");
        }
        assert!(bought[0] > 0, "{} buys", ran.name);
        // Losses above what is charged end it on the first date on which the average shows them.
        let dates: i64 = revolving.iter().sum();
        assert_eq!(dates == 11, stress != Stress::Harsh, "{}: {dates}", ran.name);
        let paid: i64 = ran.of_tranche("A", "principal_paid").iter().sum();
        assert_eq!(paid, 16_552_000, "{}: the senior tranche is paid", ran.name);
    }
}

#[test]
fn npl_pays_strictly_in_order_and_holds_its_reserve_until_the_senior_tranche_is_paid() {
    for (stress, ran) in of_other("npl") {
        keeps_the_books(&ran);
        ran.waits(&[&["A"], &["SUB"]]);
        let owed = ran.of_tranche("A", "closing_balance");
        let held = ran.line("account.reserve.closing_balance");
        let bonus = ran.of_clause("9", "1.paid");
        let rest = ran.of_tranche("SUB", "remainder_paid");
        for date in 0..owed.len() {
            let at = format!("{}, date {}", ran.name, date + 1);
            // What is left over the subordinated tranche and its return: four parts to one.
            let whole = bonus[date] + rest[date];
            assert!(
                (5 * bonus[date] - 4 * whole).abs() <= 5,
                "{at}: {} {}",
                bonus[date],
                rest[date]
            );
            assert!(whole == 0 || owed[date] == 0, "{at}");
        }
        assert!(held[0] > 0, "{}: {held:?}", ran.name);
        let all: i64 = ran.of_tranche("A", "principal_paid").iter().sum();
        assert_eq!(all == 500_000, stress != Stress::Harsh, "{}: {all}", ran.name);
        let bonuses: i64 = bonus.iter().sum();
        assert_eq!(bonuses > 0, stress != Stress::Harsh, "{}: {bonuses}", ran.name);
    }
}
