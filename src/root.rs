//! Where a function crosses zero.

/// The zero of a function with its slope, between `low` where it is negative and `high` where it is
/// not. Newton's step is taken when it stays within the bracket, else the bracket is halved.
///
/// ```
/// let square = cashfall::root::bracketed(|x| (x * x - 2.0, 2.0 * x), 0.0, 2.0);
/// assert!((square - 2.0_f64.sqrt()).abs() < 1e-15);
/// ```
pub fn bracketed(function: impl Fn(f64) -> (f64, f64), mut low: f64, mut high: f64) -> f64 {
    let mut x = low.midpoint(high);
    for _ in 0..200 {
        let (value, slope) = function(x);
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let next = if newton > low && newton < high { newton } else { low.midpoint(high) };
        if (next - x).abs() <= 1e-15 * x.abs().max(1.0) {
            return next;
        }
        x = next;
    }
    x
}
