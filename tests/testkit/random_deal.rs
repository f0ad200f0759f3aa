//! Random deals from a seed, written as a user's file would be: every block of the deal language in
//! every combination that the language allows.

use std::collections::BTreeSet;
use std::fmt::Write;

use cashfall::assumptions::Assumptions;
use cashfall::deal::Deal;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Model, Run};
use cashfall::money::Amount;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The pool of all random deals, in minor units.
const POOL: i64 = 3_000_000;

/// A drawn deal.
#[derive(Clone, Debug)]
pub struct Draft {
    pub seed: u64,
    pub tranches: Vec<Tranche>,
    steps: Vec<Step>,
    /// `[dates]` and the blocks that name no tranche.
    head: String,
    blocks: String,
    /// Definitions; `{unpaid T0}` stands for the unpaid interest of the first tranche.
    defines: Vec<(&'static str, String)>,
    /// Swap notional: the tranches by place.
    swap: Option<(Vec<usize>, String)>,
    /// Whether principal goes one tranche after the other in every state.
    pub sequential: bool,
    /// Whether nothing in it depends on the pool but cash: no triggers, no fees on the pool.
    pub plain: bool,
    pub revolving: usize,
    pub facility_limit: Option<i64>,
    pub behaviour: Behaviour,
}

/// A drawn tranche.
#[derive(Clone, Debug)]
pub struct Tranche {
    pub face: i64,
    /// Keys that do not depend on the face.
    keys: String,
    /// Amounts of the schedule.
    instalments: Vec<i64>,
    /// The payment per unit, in minor units.
    pub unit: Option<i64>,
    writes_down: bool,
}

#[derive(Clone, Debug)]
struct Step {
    clause: &'static str,
    keys: String,
    pro_rata: bool,
    pay: Vec<Pay>,
}

#[derive(Clone, Debug)]
enum Pay {
    To(String),
    Tranche { place: usize, due: &'static str, cap: Option<i64> },
}

/// What the pool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    pub cpr: u64,
    pub cdr: u64,
    pub recovery: u64,
    pub bma: bool,
}

impl Behaviour {
    /// The file of assumptions.
    pub fn text(&self) -> String {
        format!(
            "order = \"{}\"\n[[segment]]\nname = \"all\"\ncpr = \"{} %\"\ncdr = \"{} %\"\n\
             recovery_rate = \"{} %\"\nrecovery_lag = [0, 0.5, 0.5]\n",
            if self.bma { "bma" } else { "survivors" },
            self.cpr,
            self.cdr,
            self.recovery
        )
    }
}

/// Dice.
struct Dice(Pcg64Mcg);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    fn amount(&mut self, from: u64, to: u64) -> i64 {
        i64::try_from(self.between(from, to)).expect("small") * 200
    }

    fn place(&mut self, from: usize, to: usize) -> usize {
        from + usize::try_from(self.below((to - from + 1) as u64)).expect("small")
    }

    /// Whether something of this many per cent happens.
    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.place(0, of.len() - 1)]
    }
}

fn money(minor: i64) -> Amount {
    Amount::from_minor(minor)
}

/// What is being drawn.
struct Drawing {
    dice: Dice,
    draft: Draft,
    payments: usize,
    monthly: bool,
    /// Consequences that triggers of the deal can have.
    accelerates: bool,
    defaults: bool,
    reserve: bool,
    facility: bool,
    called: bool,
    /// A fee so large that interest goes short.
    bill: bool,
}

impl Draft {
    /// The deal of a seed.
    pub fn from_seed(seed: u64) -> Draft {
        let mut dice = Dice(Pcg64Mcg::seed_from_u64(seed));
        let behaviour = Behaviour {
            cpr: dice.below(60),
            cdr: dice.below(70),
            recovery: dice.below(90),
            bma: dice.chance(30),
        };
        let monthly = dice.chance(80);
        let payments = if monthly { 12 } else { 5 };
        let draft = Draft {
            seed,
            tranches: Vec::new(),
            steps: Vec::new(),
            head: String::new(),
            blocks: String::new(),
            defines: Vec::new(),
            swap: None,
            sequential: true,
            plain: seed.is_multiple_of(4),
            revolving: if dice.chance(50) { 0 } else { dice.place(1, 2) },
            facility_limit: None,
            behaviour,
        };
        let mut drawing = Drawing {
            dice,
            draft,
            payments,
            monthly,
            accelerates: false,
            defaults: false,
            reserve: false,
            facility: false,
            called: false,
            bill: false,
        };
        drawing.all();
        drawing.draft
    }

    /// The deal file; with `halves`, a tranche as two equal ones paid side by side.
    pub fn text(&self, halves: Option<usize>) -> String {
        let mut text = self.head.clone();
        let _ = writeln!(text, "[define]");
        for (name, what) in &self.defines {
            let unpaid = self.names(0, halves);
            let unpaid = unpaid.iter().map(|id| format!("tranche.{id}.interest_unpaid"));
            let unpaid = unpaid.collect::<Vec<_>>().join(" + ");
            let _ = writeln!(text, "{name} = \"{}\"", what.replace("{unpaid T0}", &unpaid));
        }
        for (place, tranche) in self.tranches.iter().enumerate() {
            for id in self.names(place, halves) {
                tranche.write(&mut text, &id, halves == Some(place));
            }
        }
        if let Some((notional, keys)) = &self.swap {
            let names = notional.iter().flat_map(|place| self.names(*place, halves));
            let names = names.map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "[[swap]]\nid = \"swap\"\nnotional = [{names}]\n{keys}");
        }
        text += &self.blocks;
        for step in &self.steps {
            step.write(&mut text, self, halves);
        }
        text
    }

    /// The ids of a tranche: two where it is split.
    fn names(&self, place: usize, halves: Option<usize>) -> Vec<String> {
        match halves == Some(place) {
            true => vec![format!("T{place}a"), format!("T{place}b")],
            false => vec![format!("T{place}")],
        }
    }

    /// Whether a tranche can stand as two halves: nothing counts its units or its place.
    pub fn can_split(&self, place: usize) -> bool {
        let tranche = &self.tranches[place];
        let alone = |step: &Step| {
            let in_it = step
                .pay
                .iter()
                .any(|pay| matches!(pay, Pay::Tranche { place: p, .. } if *p == place));
            !in_it || step.pro_rata || step.pay.len() == 1
        };
        tranche.unit.is_none() && !tranche.writes_down && self.steps.iter().all(alone)
    }
}

impl Tranche {
    fn write(&self, text: &mut String, id: &str, half: bool) {
        let part = |amount: i64| money(if half { amount / 2 } else { amount });
        let _ =
            writeln!(text, "[[tranche]]\nid = \"{id}\"\nface = {}\n{}", part(self.face), self.keys);
        if !self.instalments.is_empty() {
            let amounts = self.instalments.iter().map(|amount| part(*amount).to_string());
            let amounts = amounts.collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "principal = \"scheduled\"\ninstalments = [{amounts}]");
        }
    }
}

impl Step {
    fn write(&self, text: &mut String, draft: &Draft, halves: Option<usize>) {
        let mut pays = Vec::new();
        let mut shared = self.pro_rata;
        for pay in &self.pay {
            match pay {
                Pay::To(to) => pays.push(format!("{{ {to} }}")),
                Pay::Tranche { place, due, cap } => {
                    let names = draft.names(*place, halves);
                    shared |= names.len() > 1 && *due != "remainder";
                    // The last half takes all that the first has left, which is nothing.
                    let share = i64::try_from(names.len()).expect("two at most");
                    for id in names {
                        let cap = cap
                            .map_or(String::new(), |cap| format!(", cap = {}", money(cap / share)));
                        pays.push(format!("{{ tranche = \"{id}\", due = \"{due}\"{cap} }}"));
                    }
                }
            }
        }
        let sharing = if shared { "sharing = \"pro_rata\"\n" } else { "" };
        let _ = writeln!(
            text,
            "[[step]]\nclause = \"{}\"\n{}{sharing}pay = [{}]",
            self.clause,
            self.keys,
            pays.join(", ")
        );
    }
}

impl Drawing {
    fn all(&mut self) {
        self.dates();
        self.tranches();
        let rich = !self.draft.plain;
        self.reserve = self.dice.chance(50);
        self.facility = rich && self.dice.chance(35);
        if rich {
            self.triggers();
        }
        self.called = rich && self.dice.chance(35);
        self.bill = self.dice.chance(35);
        self.blocks();
        self.steps();
    }

    fn dates(&mut self) {
        let every = if self.monthly { "monthly" } else { "quarterly" };
        self.draft.head = format!(
            "[deal]\nname = \"random\"\n[pool]\ncutoff = 2025-12-31\n[dates]\n\
             closing = 2026-01-15\nfirst_payment = 2026-02-15\nlegal_maturity = 2027-01-15\n\
             calendar = \"weekends\"\npayment_every = \"{every}\"\naccrual_to = \"{}\"\n\
             revolving_payments = {}\n",
            self.dice.one(&["scheduled", "adjusted"]),
            self.draft.revolving
        );
    }

    fn tranches(&mut self) {
        let count = self.dice.place(1, 4);
        let weights: Vec<u64> = (0..count).map(|_| self.dice.between(1, 19)).collect();
        let total: u64 = weights.iter().sum();
        let mut left = POOL;
        for (place, weight) in weights.iter().enumerate() {
            let last = place + 1 == count;
            // Whole hundreds, so that payments per 100 of face are possible.
            let share = POOL / 10_000 * i64::try_from(*weight).expect("small");
            let share = (share / i64::try_from(total).expect("small")).max(1) * 10_000;
            let face = if last { left } else { share };
            left -= face;
            let tranche = self.tranche(face, last && count > 1);
            self.draft.tranches.push(tranche);
        }
    }

    fn tranche(&mut self, face: i64, subordinated: bool) -> Tranche {
        let (dice, rich) = (&mut self.dice, !self.draft.plain);
        let mut keys = format!("subordinated = {subordinated}\n");
        keys += &coupon(dice);
        let days = [
            "act_365",
            "act_365_no_leap",
            "act_360",
            "thirty_360_us",
            "thirty_360_e",
            "thirty_360_isda",
            "act_act_isda",
        ];
        let _ = writeln!(keys, "day_count = \"{}\"", dice.one(&days));
        let unpaid: &[&str] =
            if rich { &["carried", "lapses", "capitalised"] } else { &["carried", "lapses"] };
        let unpaid = if subordinated { "lapses" } else { dice.one(unpaid) };
        let _ = writeln!(keys, "unpaid_interest = \"{unpaid}\"");
        if unpaid == "carried" && dice.chance(40) {
            keys += "interest_on_arrears = true\n";
        }
        if dice.chance(20) {
            keys += "issue_price = \"98.5 %\"\n";
        }
        if self.monthly && dice.chance(20) {
            keys += dice.one(&[
                "frequency = \"quarterly\"\n",
                "frequency = { revolving = \"quarterly\", amortising = \"monthly\" }\n",
                "frequency = { amortising = \"quarterly\" }\n",
            ]);
        }
        let unit = (!subordinated && dice.chance(20)).then(|| {
            let places = if face % 1_000_000 == 0 { 4 } else { 2 };
            let odd = dice.one(&["kept", "passed_on"]);
            let _ = writeln!(keys, "per_hundred = {{ places = {places}, odd_cents = \"{odd}\" }}");
            face / if places == 4 { 1_000_000 } else { 10_000 }
        });
        let mut instalments = Vec::new();
        if !subordinated && dice.chance(25) {
            let most = u64::try_from(face / 200).expect("positive");
            let parts = dice.place(2, self.payments);
            let mut left = face;
            instalments = (0..parts)
                .map(|_| {
                    // Together no more than the face.
                    let amount = dice.amount(0, most * 2 / parts as u64).min(left);
                    left -= amount;
                    amount
                })
                .collect();
        } else if !subordinated && dice.chance(15) {
            let _ = writeln!(
                keys,
                "principal = \"bullet\"\nbullet_payment = {}",
                dice.place(1, self.payments)
            );
        }
        let writes_down = rich && subordinated && dice.chance(30);
        if writes_down {
            keys += "write_down_to = \"backing\"\n";
        }
        Tranche { face, keys, instalments, unit, writes_down }
    }

    fn define(&mut self, name: &'static str, what: &str) {
        if self.draft.defines.iter().all(|(known, _)| *known != name) {
            self.draft.defines.push((name, what.to_string()));
        }
    }

    fn triggers(&mut self) {
        let count = self.dice.below(4);
        for number in 0..count {
            let consequence = self.dice.one(&[
                "accelerate",
                "accelerate",
                "event_of_default",
                "end_revolving",
                "flag",
            ]);
            self.accelerates |= consequence == "accelerate";
            self.defaults |= consequence == "event_of_default";
            let metric = self.metric();
            let _ = write!(
                self.draft.blocks,
                "[[trigger]]\nid = \"t{number}\"\nconsequence = \"{consequence}\"\n{metric}"
            );
            let dice = &mut self.dice;
            for (percent, key) in [
                (25, "consecutive = 2"),
                (20, "grace_days = 20"),
                (45, "curable = true"),
                (20, "effect_lag = 1"),
                (20, "from_payment = 3"),
            ] {
                if dice.chance(percent) {
                    let _ = writeln!(self.draft.blocks, "{key}");
                }
            }
        }
    }

    /// The metric with its threshold and the moment of the test.
    fn metric(&mut self) -> String {
        let after = if self.dice.chance(30) { "tested = \"after\"\n" } else { "" };
        let share = self.dice.between(1, 12);
        match self.dice.below(8) {
            0 => format!("metric = \"cumulative_default_ratio\"\nabove = \"{share} %\"\n{after}"),
            1 => format!(
                "metric = \"cumulative_default_ratio\"\nat_least = [\"{share} %\", \"{} %\"]\n\
                 from_payments = [1, 4]\n{after}",
                share + 3
            ),
            2 => {
                format!("metric = \"senior_coverage\"\nbelow = \"{} %\"\n{after}", 100 + 4 * share)
            }
            3 => format!("metric = \"pool_factor\"\nat_most = \"{} %\"\n{after}", 5 * share),
            4 => {
                let on = self.dice.place(1, self.payments);
                format!("metric = \"declared\"\ndeclared_on = [{on}]\n")
            }
            5 => {
                self.define("defaulting", "pool.defaulted / pool.initial");
                format!("metric = \"defaulting\"\nabove = \"{} %\"\n{after}", share as f64 / 8.0)
            }
            6 => {
                self.define("dry", "cash.available < 2500.00");
                format!("metric = \"dry\"\n{after}")
            }
            _ => {
                self.define("unpaid", "{unpaid T0} > 0.00");
                "metric = \"unpaid\"\ntested = \"after\"\n".to_string()
            }
        }
    }

    /// Indices, accounts, lenders, swaps, the call, tax and fees.
    fn blocks(&mut self) {
        let rich = !self.draft.plain;
        let mut text = String::from(
            "[[index]]\nid = \"IX\"\nrates = [{ from = 2025-12-01, rate = \"3 %\" }, \
             { from = 2026-04-10, rate = \"0.5 %\" }, { from = 2026-08-10, rate = \"6 %\" }]\n",
        );
        if self.draft.tranches.iter().any(|tranche| tranche.writes_down) {
            let reserve = if self.reserve { " + account.reserve.balance_after" } else { "" };
            self.define("backing", &format!("pool.balance + cash.left{reserve}"));
        }
        if self.reserve {
            text += &self.account(rich);
        }
        if self.facility {
            let limit = self.dice.amount(1, 1000);
            self.draft.facility_limit = Some(limit);
            let _ = writeln!(
                text,
                "[[facility]]\nid = \"lender\"\nlimit = {}\nrate = \"4.35 %\"\n\
                 commitment_rate = \"0.2 %\"\nday_count = \"act_360\"",
                money(limit)
            );
        }
        if rich && self.dice.chance(30) {
            self.swap();
        }
        if self.called {
            text += &self.call();
        }
        if self.dice.chance(60) {
            text += "[tax]\nvat = \"3 %\"\nsurcharge = \"12 %\"\n";
            self.pay("tax", "", false, vec![Pay::To("tax = true".into())]);
        }
        text += "[[fee]]\nid = \"custody\"\nrate = \"0.1 %\"\nbase = \"securities\"\n\
                 [[fee]]\nid = \"manager\"\nbase = \"senior\"\nminimum = 1.00\n\
                 tiers = [{ above = 0, rate = \"0.3 %\" }, { above = 10000.00, rate = \"0.2 %\" }]\n\
                 [[fee]]\nid = \"audit\"\namount = 60.00\npayments = [1, 3, 5]\n";
        if self.bill {
            let amount = money(self.dice.amount(500, 5000));
            let on = self.dice.place(1, self.payments - 1);
            let _ = writeln!(text, "[[fee]]\nid = \"bill\"\namount = {amount}\npayments = [{on}]");
        }
        if rich {
            let days = self.dice.one(&["act_365", "twelfth", "period", "thirty_360_e"]);
            let _ = writeln!(
                text,
                "[[fee]]\nid = \"servicer\"\nrate = \"1 %\"\nbase = \"pool\"\n\
                 day_count = \"{days}\"\n[[fee]]\nid = \"collector\"\nrate = \"0.5 %\"\n\
                 base = \"collections\""
            );
        }
        self.draft.blocks += &text;
    }

    fn account(&mut self, rich: bool) -> String {
        let target = self.dice.between(1, 5);
        let target = match self.dice.below(3) {
            0 => format!("{}.00", target * 100),
            1 => {
                self.define("wanted", &format!("{target} % * senior.balance"));
                "\"wanted\"".to_string()
            }
            _ => {
                self.define(
                    "wanted",
                    &format!("if(date.is_last, 0.00, {target} % * senior.balance)"),
                );
                "\"wanted\"".to_string()
            }
        };
        let earns = if rich { "earns = \"1.5 %\"\n" } else { "" };
        let by = self.dice.one(&["proceeds", "originator"]);
        format!(
            "[[account]]\nid = \"reserve\"\nopening = {}\nfunded_by = \"{by}\"\ntarget = {target}\n{earns}",
            money(self.dice.amount(0, 400))
        )
    }

    fn swap(&mut self) {
        let seniors: Vec<usize> = (0..self.draft.tranches.len()).collect();
        let cap = self.dice.chance(40);
        let mut keys = format!(
            "pays = {{ rate = \"{} %\" }}\nreceives = {{ index = \"IX\", spread = \"0.2 %\" }}\n\
             cap = {cap}\nday_count = \"act_360\"\n",
            self.dice.below(7)
        );
        if self.dice.chance(30) {
            let _ = writeln!(
                keys,
                "termination_amount = {}\ntermination_payment = {}",
                money(self.dice.amount(1, 300)),
                self.dice.place(1, self.payments)
            );
        }
        self.draft.swap = Some((seniors, keys));
    }

    fn call(&mut self) -> String {
        let when = match self.dice.chance(60) {
            true => format!("pool_factor = \"{} %\"", self.dice.between(2, 12) * 5),
            false => {
                self.define("may_call", "date.number >= 4");
                "when = \"may_call\"".to_string()
            }
        };
        let price = if self.dice.chance(30) {
            self.define("call_price", "98 % * pool.balance");
            "price = \"call_price\"\n"
        } else {
            ""
        };
        let covers = self.dice.one(&["senior", "all", "nothing"]);
        format!("[call]\n{when}\n{price}covers = \"{covers}\"\n")
    }

    fn pay(&mut self, clause: &'static str, keys: &str, pro_rata: bool, pay: Vec<Pay>) {
        self.draft.steps.push(Step { clause, keys: keys.to_string(), pro_rata, pay });
    }

    fn steps(&mut self) {
        let to = |text: &str| Pay::To(text.to_string());
        let rich = !self.draft.plain;
        let last = self.draft.tranches.len() - 1;
        let performance = rich && self.dice.chance(25);
        if performance {
            self.draft.blocks +=
                "[[fee]]\nid = \"performance\"\nrate = \"20 %\"\nbase = \"remainder\"\n";
        }
        // The fee on what is paid needs every payee below it to be a holder.
        let holders = !self.reserve && !self.facility && !performance && self.draft.swap.is_none();
        let on_paid = holders && self.dice.chance(40);
        if self.reserve {
            let release = to("account = \"collection\", due = \"excess\"");
            self.pay("release", "from = \"reserve\"\n", false, vec![release]);
        }
        let mut fees = vec![to("fee = \"custody\""), to("fee = \"manager\"")];
        fees.push(to("fee = \"audit\", cap_per_year = 100.00"));
        if rich {
            fees.extend([to("fee = \"servicer\""), to("fee = \"collector\", cap = 50.00")]);
        }
        fees.extend(self.bill.then(|| to("fee = \"bill\"")));
        self.pay("fees", "", true, fees);
        if self.draft.swap.is_some() {
            self.pay("swap", "", false, vec![to("swap = \"swap\"")]);
        }
        if self.facility {
            let dues = ["commitment", "interest", "principal"];
            let dues = dues.map(|due| Pay::To(format!("facility = \"lender\", due = \"{due}\"")));
            self.pay("lender", "", false, dues.into());
        }
        if on_paid {
            self.draft.blocks +=
                "[[fee]]\nid = \"registrar\"\nrate = \"0.05 %\"\nbase = \"paid\"\n";
            self.pay("registrar", "", false, vec![to("fee = \"registrar\"")]);
        }
        self.interest(last);
        if self.reserve {
            self.pay("top-up", "", false, vec![to("account = \"reserve\", due = \"target\"")]);
        }
        self.interim(last);
        self.principal(rich, on_paid);
        if !on_paid {
            self.pay("overflow", "", false, vec![to("fee = \"audit\"")]);
        }
        if rich && !on_paid {
            let rest = vec![to("fee = \"servicer\""), to("fee = \"collector\"")];
            self.pay("junior fees", "", false, rest);
        }
        if self.draft.swap.as_ref().is_some_and(|(_, keys)| keys.contains("termination")) {
            let end = to("swap = \"swap\", due = \"termination\"");
            self.pay("termination", "", false, vec![end]);
        }
        let gate = self.not_revolving();
        if performance {
            self.pay("performance", &gate, false, vec![to("fee = \"performance\"")]);
        }
        let rest = match on_paid || self.dice.chance(70) {
            true => Pay::Tranche { place: last, due: "remainder", cap: None },
            false => to("originator = true, due = \"remainder\""),
        };
        self.pay("remainder", &gate, false, vec![rest]);
        if rich && self.dice.chance(30) {
            self.support();
        }
    }

    fn not_revolving(&self) -> String {
        match self.draft.revolving {
            0 => String::new(),
            _ => "when = \"not revolving\"\n".to_string(),
        }
    }

    /// States in which the ordinary steps pay: all, or all but default, which has steps of its own.
    fn ordinary(&self) -> String {
        match self.defaults {
            true => "states = [\"revolving\", \"amortising\", \"accelerated\"]\n".to_string(),
            false => String::new(),
        }
    }

    /// Interest of all but the last of several tranches; what is short from reserve and lender.
    fn interest(&mut self, last: usize) {
        let seniors = 0..last.max(1);
        let units =
            self.draft.tranches[seniors.clone()].iter().any(|tranche| tranche.unit.is_some());
        let interest = |place| Pay::Tranche { place, due: "interest", cap: None };
        let all: Vec<Pay> = seniors.clone().map(interest).collect();
        let ordinary = self.ordinary();
        const CLAUSES: [&str; 4] = ["interest 0", "interest 1", "interest 2", "interest 3"];
        if !units && self.dice.chance(40) {
            self.pay(CLAUSES[0], &ordinary, true, all);
        } else {
            for place in seniors.clone() {
                self.pay(CLAUSES[place], &ordinary, false, vec![interest(place)]);
            }
        }
        let mut helpers = Vec::new();
        helpers.extend(self.reserve.then_some(("draw reserve", "from = \"reserve\"\n")));
        helpers.extend(self.facility.then_some(("draw lender", "from = \"lender\"\n")));
        for (clause, from) in helpers {
            for place in seniors.clone() {
                self.pay(clause, from, false, vec![interest(place)]);
            }
        }
    }

    fn interim(&mut self, last: usize) {
        if last > 0 {
            let gate = if self.accelerates { "when = \"not accelerated\"\n" } else { "" };
            let keys = format!("{}{gate}", self.ordinary());
            let interest = Pay::Tranche { place: last, due: "interest", cap: None };
            self.pay("interim", &keys, false, vec![interest]);
        }
    }

    fn principal(&mut self, rich: bool, on_paid: bool) {
        let count = self.draft.tranches.len();
        let keys = format!("{}{}", self.ordinary(), self.not_revolving());
        let units = self.draft.tranches.iter().any(|tranche| tranche.unit.is_some());
        let to = |place, due, cap| Pay::Tranche { place, due, cap };
        match self.dice.below(10) {
            0..=2 if !units => {
                self.draft.sequential = false;
                let cap = self.dice.chance(40).then(|| self.dice.amount(1, 3000));
                let all = (0..count).map(|place| to(place, "principal", cap)).collect();
                self.pay("principal", &keys, true, all);
            }
            3 if !on_paid => {
                let limit = money(self.dice.amount(1000, 20_000));
                let all = (0..count).map(|place| to(place, "principal", None)).collect();
                self.pay("principal", &format!("{keys}limit = {limit}\n"), false, all);
            }
            4 | 5 if rich && !on_paid => {
                self.define("required", "max(pool.balance - 3 % * pool.initial, 0)");
                let all = (0..count).map(|place| to(place, "principal", None)).collect();
                self.pay("principal", &format!("{keys}down_to = \"required\"\n"), false, all);
            }
            _ => {
                for place in 0..count {
                    self.pay("principal", &keys, false, vec![to(place, "principal", None)]);
                }
            }
        }
        for (wanted, clause, state) in [
            (self.defaults, "default", "event_of_default"),
            (self.called && self.dice.chance(30), "clean-up", "clean_up"),
        ] {
            let keys = format!("states = [\"{state}\"]\n");
            for place in (0..count).filter(|_| wanted) {
                self.pay(clause, &keys, false, vec![to(place, "interest", None)]);
                self.pay(clause, &keys, false, vec![to(place, "principal", None)]);
            }
        }
    }

    fn support(&mut self) {
        let limit = match self.dice.chance(50) {
            true => format!("limit = {}\n", money(self.dice.amount(1, 2000))),
            false => String::new(),
        };
        let when = if self.dice.chance(40) {
            self.define("late", "date.number >= 3");
            "when = \"late\"\n"
        } else {
            ""
        };
        let covered = ["tax", "fees", "swap", "interest 0", "interest 1"];
        let stands = |clause: &&str| self.draft.steps.iter().any(|step| step.clause == *clause);
        let covers = covered.iter().filter(|clause| stands(clause));
        let covers = covers.map(|clause| format!("\"{clause}\"")).collect::<Vec<_>>().join(", ");
        let _ = write!(
            self.draft.blocks,
            "[[support]]\nid = \"undertaking\"\ncovers = [{covers}]\n{limit}{when}"
        );
    }
}

fn coupon(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => format!(
            "coupon = [{{ from = 2026-01-15, rate = \"{} %\" }}, {{ from = 2026-05-01, rate = \"{} %\" }}]\n",
            dice.below(5),
            dice.below(9)
        ),
        1 => {
            let cap = if dice.chance(50) { "coupon_cap = \"5 %\"\n" } else { "" };
            let floor = if dice.chance(50) { "coupon_floor = \"1 %\"\n" } else { "" };
            format!(
                "index = \"IX\"\nspread = \"{}\"\nreset_months = {}\nlook_back_days = {}\n{cap}{floor}",
                dice.one(&["0.85 %", "-0.9 %", "2 %"]),
                dice.between(1, 4),
                dice.below(3)
            )
        }
        _ => format!("coupon = \"{}.{} %\"\n", dice.below(8), dice.below(10)),
    }
}

/// Reads random deals on one pool.
pub struct Bench(Job);

impl Bench {
    /// The pool is read once.
    pub fn new() -> Bench {
        let folder = super::recalculate::fresh("random");
        let file = folder.join("deal.toml");
        std::fs::write(&file, Draft::from_seed(0).text(None)).expect("a temporary file");
        let request = Request {
            deal: file,
            tape: Some(super::path("cases/language/random_pool.csv")),
            threads: 1,
            ..Request::default()
        };
        let job = super::accept(Job::open(&request).expect("files")).expect("a deal");
        let _ = std::fs::remove_dir_all(folder);
        Bench(job)
    }

    /// The job of a deal file under some behaviour.
    pub fn job(&self, deal: &str, behaviour: Behaviour) -> Job {
        let mut job = self.0.clone();
        job.deal = super::accept(Deal::from_toml("deal.toml", deal)).expect("a deal");
        let text = behaviour.text();
        job.with_assumptions(super::accept(Assumptions::from_toml("assumptions.toml", &text)))
    }

    /// The same, run.
    pub fn run(&self, deal: &str, behaviour: Behaviour) -> Ran {
        let job = self.job(deal, behaviour);
        let (model, run) = super::run(&job);
        Ran { job, model, run }
    }
}

/// A random deal that has run.
pub struct Ran {
    pub job: Job,
    pub model: Model,
    pub run: Run,
}

impl Ran {
    /// What a line holds on each payment date; `None` when the deal has no such line.
    pub fn try_line(&self, key: &str) -> Option<Vec<i64>> {
        let line = self.model.line(key)?;
        let dates = 1..=self.model.timeline.len(Axis::Payments);
        Some(dates.map(|tick| self.run.value(line, tick, 0)).collect())
    }

    /// What a line holds on each payment date.
    pub fn line(&self, key: &str) -> Vec<i64> {
        self.try_line(key).unwrap_or_else(|| panic!("the model has {key}"))
    }

    /// Whether a line is ever anything but zero.
    fn any(&self, key: &str) -> bool {
        self.try_line(key).is_some_and(|values| values.iter().any(|value| *value != 0))
    }

    /// Whether a part of any block of a kind is ever anything but zero.
    fn any_of(&self, kind: &str, part: &str) -> bool {
        let (start, end) = (format!("{kind}."), format!(".{part}"));
        let keys = self.model.lines.iter().map(|line| &line.key);
        keys.filter(|key| key.starts_with(&start) && key.ends_with(&end)).any(|key| self.any(key))
    }

    /// What happened in the run, of what a set of random deals should show.
    pub fn events(&self) -> BTreeSet<&'static str> {
        let cured = |key: &str| {
            let values = self.try_line(key).unwrap_or_default();
            values.windows(2).any(|pair| pair == [1, 0])
        };
        let stocked = |part: &str| self.any_of("tranche", part);
        let all = [
            ("acceleration", self.any("state.accelerated")),
            ("cure", cured("state.accelerated") && self.any("state.amortising")),
            ("event of default", self.any("state.event_of_default")),
            ("call", self.any("call.exercised")),
            ("draw", self.any("facility.lender.drawn_after")),
            ("support", self.any("support.undertaking.called")),
            ("swap received", self.any("swap.swap.net_received")),
            ("swap paid", self.any("swap.swap.owed")),
            ("write-down", stocked("written_down")),
            ("capitalised", stocked("capitalised")),
            ("units", stocked("entitled")),
            ("interest short", stocked("unpaid")),
        ];
        all.into_iter().filter(|(_, seen)| *seen).map(|(name, _)| name).collect()
    }
}
