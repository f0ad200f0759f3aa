//! The quantile of the standard normal distribution.

/// The number below which a standard normal variable lies with probability `p`.
///
/// Algorithm AS 241 (PPND16), relative error about 10⁻¹⁶: the one behind `NORMSINV` of LibreOffice
/// and `statistics.NormalDist` of Python.
///
/// # Panics
///
/// When `p` is not strictly between 0 and 1.
///
/// # Source
///
/// M. J. Wichura, *Algorithm AS 241: The Percentage Points of the Normal Distribution*, Applied
/// Statistics 37 (1988), 477–484; the check value is the paper's.
///
/// # Excel
///
/// ```text
/// =NORMSINV(p)
/// ```
///
/// ```
/// use cashfall::static_pool::inverse_normal;
/// assert!((inverse_normal(0.25) + 0.674_489_750_196_081_7).abs() < 1e-15);
/// assert!((inverse_normal(0.001) + 3.090_232_306_167_814).abs() < 1e-14);
/// assert_eq!(inverse_normal(0.5), 0.0);
/// ```
#[allow(clippy::excessive_precision, clippy::unreadable_literal)]
pub fn inverse_normal(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a probability is strictly between 0 and 1");
    const A: [f64; 8] = [
        3.3871328727963666080,
        133.14166789178437745,
        1971.5909503065514427,
        13731.693765509461125,
        45921.953931549871457,
        67265.770927008700853,
        33430.575583588128105,
        2509.0809287301226727,
    ];
    const B: [f64; 8] = [
        1.0,
        42.313330701600911252,
        687.18700749205790830,
        5394.1960214247511077,
        21213.794301586595867,
        39307.895800092710610,
        28729.085735721942674,
        5226.4952788528545610,
    ];
    const C: [f64; 8] = [
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        0.241780725177450611770,
        0.0227238449892691845833,
        0.000774545014278341407640,
    ];
    const D: [f64; 8] = [
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        0.689767334985100004550,
        0.148103976427480074590,
        0.0151986665636164571966,
        0.000547593808499534494600,
        1.05075007164441684324e-9,
    ];
    const E: [f64; 8] = [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        0.296560571828504891230,
        0.0265321895265761230930,
        0.00124266094738807843860,
        0.0000271155556874348757815,
        2.01033439929228813265e-7,
    ];
    const F: [f64; 8] = [
        1.0,
        0.599832206555887937690,
        0.136929880922735805310,
        0.0148753612908506148525,
        0.000786869131145613259100,
        0.0000184631831751005468180,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ];
    let of = |series: &[f64; 8], x: f64| series.iter().rev().fold(0.0, |sum, term| sum * x + term);
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * of(&A, r) / of(&B, r);
    }
    let r = (-(if q < 0.0 { p } else { 1.0 - p }).ln()).sqrt();
    let x = if r <= 5.0 {
        of(&C, r - 1.6) / of(&D, r - 1.6)
    } else {
        of(&E, r - 5.0) / of(&F, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}
