//! Prepayment and default speeds: monthly and yearly, of the living and of the original number.

use std::num::NonZeroU32;

use crate::money::{Rate, Rounding, divide};

/// What part of a year one period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YearPart {
    /// A twelfth, whatever the month. The default.
    #[default]
    Twelfth,
    /// So many days of 365.
    Days(u32),
}

impl YearPart {
    fn fraction(self) -> f64 {
        match self {
            YearPart::Twelfth => 1.0 / 12.0,
            YearPart::Days(days) => f64::from(days) / 365.0,
        }
    }
}

/// The rate of one period that compounds to a yearly rate: SMM from CPR, MDR from CDR.
///
/// ```text
/// monthly = 1 − (1 − annual)^(1/12)        or the power days/365
/// ```
///
/// Domain 0 to 1; accurate for rates near zero. No rounding.
///
/// ```
/// use cashfall::analytics::{YearPart, monthly_from_annual};
/// let january = monthly_from_annual(0.10, YearPart::Days(31));
/// assert_eq!(format!("{:.6}", 100.0 * january), "0.890851");
/// ```
pub fn monthly_from_annual(annual: f64, part: YearPart) -> f64 {
    -(part.fraction() * (-annual).ln_1p()).exp_m1()
}

/// The yearly rate that a monthly rate compounds to: CPR from SMM, CDR from MDR.
///
/// ```text
/// annual = 1 − (1 − monthly)^12
/// ```
///
/// Domain 0 to 1. No rounding.
///
/// ```
/// use cashfall::analytics::annual_from_monthly;
/// assert_eq!(format!("{:.6}", 100.0 * annual_from_monthly(0.02)), "21.528328"); // CPR
/// assert_eq!(format!("{:.6}", 100.0 * annual_from_monthly(0.0042)), "4.925191"); // CDR
/// ```
pub fn annual_from_monthly(monthly: f64) -> f64 {
    -(12.0 * (-monthly).ln_1p()).exp_m1()
}

/// The single monthly mortality of a conditional prepayment rate, as it reaches cash.
///
/// ```text
/// SMM = 1 − (1 − CPR)^(1/12)        or the power days/365
/// ```
///
/// # Rounding
///
/// [`Rate::DECIMALS`] places, half up.
///
/// # Panics
///
/// When the rate is not within 0 to 1: the assumptions have refused it.
///
/// # Source
///
/// BMA, *Standard Formulas*, B.2 and SF-5; the power by days as the Chinese notes have it `[F]`.
///
/// # Excel
///
/// ```text
/// =ROUND(1-(1-CPR)^(1/12),12)
/// ```
///
/// # Example
///
/// 10 % CPR in a month of 31 days, published as 0.890851 %:
///
/// ```
/// use cashfall::analytics::{YearPart, smm_from_cpr};
/// let smm = smm_from_cpr("10%".parse().unwrap(), YearPart::Days(31));
/// assert_eq!(smm.percent(), "0.8908509338 %");
/// ```
pub fn smm_from_cpr(cpr: Rate, part: YearPart) -> Rate {
    assert!(Rate::ZERO <= cpr && cpr <= Rate::ONE, "a prepayment rate is within 0 to 1");
    Rate::from_f64(monthly_from_annual(cpr.to_f64(), part))
}

/// The monthly default rate of a conditional (yearly) default rate: as [`smm_from_cpr`].
///
/// # Panics
///
/// When the rate is not within 0 to 1.
pub fn mdr_from_cdr(cdr: Rate, part: YearPart) -> Rate {
    smm_from_cpr(cdr, part)
}

/// The prepayment rate of the surviving receivables in one month, from an absolute speed (ABS).
///
/// The absolute speed counts prepaid receivables against the *original* number, the single monthly
/// mortality against those still alive. As the pool shrinks, a constant ABS is a rising SMM:
///
/// ```text
/// SMM(m) = ABS / (1 − ABS·(m − 1))        1 once ABS·m ≥ 1
/// ```
///
/// | Symbol | Meaning                                                      | Unit, domain      |
/// |--------|--------------------------------------------------------------|-------------------|
/// | `ABS`  | receivables prepaid each month, of the original number       | fraction of 1, ≥ 0 |
/// | `m`    | age in months **from origination**; the first month is 1     | months, ≥ 1       |
///
/// # Rounding
///
/// Exact until one rounding to [`Rate::DECIMALS`] places, half up.
///
/// # Errors
///
/// None. Once `ABS·m ≥ 1` everything has prepaid: the rate is 1, and stays 1.
///
/// # Panics
///
/// When the speed is negative: the assumptions have refused it.
///
/// # Source
///
/// BMA, *Standard Formulas*, B.4; the examples are the standard's and Allman's (p. 45).
///
/// # Excel
///
/// ```text
/// =IF(ABS*m>=1,1,ROUND(ABS/(1-ABS*(m-1)),12))
/// ```
///
/// # Example
///
/// ```
/// use cashfall::analytics::smm_from_abs;
/// use std::num::NonZeroU32;
/// let smm = |speed: &str, age| smm_from_abs(speed.parse().unwrap(), NonZeroU32::new(age).unwrap());
/// assert_eq!(smm("0.02", 11).percent(), "2.5 %");
/// assert_eq!(smm("0.015", 5).to_string(), "0.015957446809");
/// assert_eq!(smm("0.02", 50).percent(), "100 %");
/// ```
pub fn smm_from_abs(speed: Rate, age: NonZeroU32) -> Rate {
    assert!(speed >= Rate::ZERO, "a prepayment speed is not negative");
    let (one, speed) = (i128::from(Rate::ONE.parts()), i128::from(speed.parts()));
    let alive = one - speed * i128::from(age.get() - 1);
    if speed >= alive {
        return Rate::ONE;
    }
    Rate::from_parts(divide(speed * one, alive, Rounding::HalfUp))
}

/// The yearly prepayment rate of the standard ramp (PSA) at an age.
///
/// ```text
/// CPR(m) = MIN(PSA · 0.2 % · MAX(1, MIN(m, 30)), 100 %)
/// ```
///
/// | Symbol | Meaning                                                      | Unit, domain       |
/// |--------|--------------------------------------------------------------|--------------------|
/// | `PSA`  | multiple of the ramp: 1 for 100 PSA                          | fraction of 1, ≥ 0 |
/// | `m`    | the month in which the age goes from m − 1 to m              | months             |
///
/// # Rounding
///
/// [`Rate::DECIMALS`] places, half up.
///
/// # Panics
///
/// When the multiple is negative.
///
/// # Source
///
/// BMA, *Standard Formulas*, B.2; the example is the standard's: 150 % PSA in month 17 is 5.1 % CPR
/// and an SMM of 0.435270 %.
///
/// # Excel
///
/// ```text
/// =MIN(PSA*0.002*MAX(1,MIN(m,30)),1)
/// ```
///
/// # Example
///
/// ```
/// use cashfall::analytics::{YearPart, cpr_from_psa, smm_from_cpr};
/// let cpr = |psa: &str, age| cpr_from_psa(psa.parse().unwrap(), age);
/// assert_eq!(cpr("150%", 17).percent(), "5.1 %");
/// let smm = smm_from_cpr(cpr("150%", 17), YearPart::Twelfth).to_f64();
/// assert_eq!(format!("{:.6}", 100.0 * smm), "0.435270");
/// assert_eq!((cpr("100%", 0), cpr("100%", 360)), (cpr("100%", 1), cpr("100%", 30)));
/// ```
pub fn cpr_from_psa(psa: Rate, age: u32) -> Rate {
    assert!(psa >= Rate::ZERO, "a multiple of the ramp is not negative");
    let ramp = i128::from(psa.parts()) * i128::from(age.clamp(1, 30)) * 2;
    let one = i128::from(Rate::ONE.parts());
    Rate::from_parts(divide(ramp.min(1000 * one), 1000, Rounding::HalfUp))
}

/// The absolute speed that is this monthly rate at that age from origination.
///
/// ```text
/// ABS = SMM / (1 + SMM·(m − 1))
/// ```
///
/// No rounding. Source: BMA, *Standard Formulas*, B.4.
///
/// ```
/// use cashfall::analytics::abs_from_smm;
/// use std::num::NonZeroU32;
/// let speed = abs_from_smm(0.025, NonZeroU32::new(11).unwrap());
/// assert!((speed - 0.02).abs() < 1e-15);
/// ```
pub fn abs_from_smm(smm: f64, age: NonZeroU32) -> f64 {
    smm / (1.0 + smm * f64::from(age.get() - 1))
}

/// The monthly prepayment rate of what was left after scheduled principal (type 2, the usual one).
///
/// ```text
/// SMM₂ = prepaid / (opening − scheduled)
/// ```
///
/// `None` when nothing was left.
///
/// ```
/// use cashfall::analytics::{smm_of_opening, smm_of_scheduled};
/// assert_eq!(smm_of_scheduled(176.0, 10_000.0, 1_200.0), Some(0.02));
/// assert_eq!(smm_of_opening(176.0, 10_000.0), Some(0.0176));
/// ```
pub fn smm_of_scheduled(prepaid: f64, opening: f64, scheduled: f64) -> Option<f64> {
    smm_of_opening(prepaid, opening - scheduled)
}

/// The monthly rate of the opening balance (type 1 prepayment; also MDR from new defaults).
///
/// ```text
/// SMM₁ = prepaid / opening        MDR = defaulted / opening
/// ```
///
/// `None` when there was no balance.
pub fn smm_of_opening(amount: f64, opening: f64) -> Option<f64> {
    (opening > 0.0).then(|| amount / opening)
}
