//! The word that was meant: nearest by edits, or of that name in Chinese.

use super::chinese::from_chinese;

/// The known word nearest to a mistyped one, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.map(|candidate| (distance(word, candidate), candidate));
    let (distance, candidate) = distances.min()?;
    (distance <= 1 + word.chars().count() / 3).then_some(candidate)
}

/// What a finding says of a word that a closed list does not have: what was written, all words, and
/// the one that may be meant: by its Chinese name, else by edits. Chinese that names none of them has
/// nothing near.
pub fn of_list<'a>(
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> [(&'static str, String); 3] {
    let quoted = |word: &str| format!("`{word}`");
    let choices: Vec<String> = known.clone().map(quoted).collect();
    let suggestion = match from_chinese(word, known.clone()) {
        Some(meant) => quoted(meant),
        None if !word.is_ascii() => choices.join(" | "),
        None => quoted(closest(word, known)),
    };
    [("given", word.to_string()), ("choices", choices.join(", ")), ("suggestion", suggestion)]
}

/// The word of a closed list that is nearest to what was written.
pub fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|candidate| distance(word, candidate)).unwrap_or("")
}

/// Edits between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
