//! Tokens as a tree. From loosest to tightest: `or`, `and`, `not`, a comparison, `+ −`, `× ÷`, a
//! leading `−`.

use super::call::Call;
use super::fault::{Fault, Kind};
use super::token::{Token, tokens};
use super::{Expr, Read, Span, Term};

/// Brackets within brackets that can be read.
const DEEPEST: usize = 20;

/// The most values in one text, a window counted by its dates: what fits into a cell's formula, which
/// spreadsheets end at 8192 characters.
const MOST_VALUES: usize = 120;

/// Reads the text of a definition.
///
/// # Errors
///
/// The first [`Fault`] of its form.
///
/// ```
/// use cashfall::formula::from_text::parse;
/// let expr = parse("max(14.75 %*池余额 - reserve.target, 0)").unwrap();
/// assert_eq!(expr.to_string(), "max(14.75 % × 池余额 − reserve.target, 0)");
/// assert_eq!(parse("a + ").unwrap_err().to_string(), "a value is missing");
/// ```
pub fn parse(text: &str) -> Result<Expr, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, end: text.len() };
    let expr = parser.any()?;
    if parser.peek().is_some() {
        return Err(parser.unexpected(|found| Kind::NoSign { found }));
    }
    match values(&expr) {
        0..=MOST_VALUES => Ok(expr),
        _ => Err(Kind::TooLong { most: MOST_VALUES }.at(expr.span)),
    }
}

fn values(expr: &Expr) -> usize {
    let mut values = 0;
    expr.walk(&mut |part| {
        values += match &part.term {
            Term::Name(_, Read::Window(dates, _)) => usize::try_from(*dates).unwrap_or(usize::MAX),
            _ => 1,
        }
    });
    values
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn span(&self) -> Span {
        let end = Span { start: self.end, end: self.end };
        self.tokens.get(self.at).map_or(end, |(_, span)| *span)
    }

    /// Where the token before this one stands.
    fn last(&self) -> Span {
        self.tokens[self.at - 1].1
    }

    fn eat(&mut self, token: &Token) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    fn eat_word(&mut self, words: [&str; 2]) -> bool {
        let is = matches!(self.peek(), Some(Token::Name(name)) if words.contains(&name.as_str()));
        self.at += usize::from(is);
        is
    }

    fn unexpected(&self, kind: impl Fn(String) -> Kind) -> Fault {
        kind(self.peek().map_or(String::new(), ToString::to_string)).at(self.span())
    }

    /// `a or b or c`.
    fn any(&mut self) -> Result<Expr, Fault> {
        self.deeper(|parser| parser.joined(["or", "或"], Parser::all, Term::Any))
    }

    /// `a and b and c`.
    fn all(&mut self) -> Result<Expr, Fault> {
        self.joined(["and", "且"], Parser::not, Term::All)
    }

    fn joined(
        &mut self,
        by: [&str; 2],
        next: fn(&mut Parser) -> Result<Expr, Fault>,
        term: fn(Vec<Expr>) -> Term,
    ) -> Result<Expr, Fault> {
        let first = next(self)?;
        let span = first.span;
        let mut terms = vec![first];
        while self.eat_word(by) {
            terms.push(next(self)?);
        }
        Ok(match terms.len() {
            1 => terms.remove(0),
            _ => Expr { term: term(terms), span: span.to(self.last()) },
        })
    }

    fn not(&mut self) -> Result<Expr, Fault> {
        let start = self.span();
        if self.eat_word(["not", "非"]) {
            let inner = self.deeper(Parser::not)?;
            let span = start.to(inner.span);
            return Ok(Expr { term: Term::Not(Box::new(inner)), span });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, Fault> {
        let one = self.sum()?;
        let Some(Token::Is(relation)) = self.peek().cloned() else {
            return Ok(one);
        };
        self.at += 1;
        let other = self.sum()?;
        if let Some(Token::Is(_)) = self.peek() {
            return Err(Kind::Chained.at(self.span()));
        }
        let span = one.span.to(other.span);
        Ok(Expr { term: Term::Compare(relation, Box::new(one), Box::new(other)), span })
    }

    fn sum(&mut self) -> Result<Expr, Fault> {
        self.chain([Token::Plus, Token::Minus], Parser::product, Term::Sum)
    }

    fn product(&mut self) -> Result<Expr, Fault> {
        self.chain([Token::Times, Token::Over], Parser::signed, Term::Product)
    }

    /// `a + b − c`: parts joined by either sign; the second sign marks its part.
    fn chain(
        &mut self,
        [plain, marked]: [Token; 2],
        next: fn(&mut Parser) -> Result<Expr, Fault>,
        term: fn(Vec<(bool, Expr)>) -> Term,
    ) -> Result<Expr, Fault> {
        let first = next(self)?;
        let span = first.span;
        let mut parts = vec![(false, first)];
        loop {
            let mark = self.eat(&marked);
            if !mark && !self.eat(&plain) {
                break;
            }
            parts.push((mark, next(self)?));
        }
        Ok(match parts.len() {
            1 => parts.remove(0).1,
            _ => Expr { term: term(parts), span: span.to(self.last()) },
        })
    }

    fn signed(&mut self) -> Result<Expr, Fault> {
        let start = self.span();
        if self.eat(&Token::Minus) {
            let inner = self.deeper(Parser::signed)?;
            let span = start.to(inner.span);
            return Ok(Expr { term: Term::Negative(Box::new(inner)), span });
        }
        self.value()
    }

    fn value(&mut self) -> Result<Expr, Fault> {
        let span = self.span();
        let Some(token) = self.peek().cloned() else {
            return Err(self.unexpected(|found| Kind::NoValue { found }));
        };
        let term = match token {
            Token::Number(value) => {
                self.at += 1;
                Term::Number { value, percent: self.eat(&Token::Percent) }
            }
            Token::Date(date) => {
                self.at += 1;
                Term::Date(date)
            }
            Token::Name(name) if !is_keyword(&name) => {
                self.at += 1;
                if self.eat(&Token::Open) { self.call(&name, span)? } else { plain(name) }
            }
            Token::Open => {
                self.at += 1;
                let inner = self.any()?;
                self.close()?;
                return Ok(inner);
            }
            Token::Name(_)
            | Token::Percent
            | Token::Plus
            | Token::Minus
            | Token::Times
            | Token::Over
            | Token::Is(_)
            | Token::Close
            | Token::Comma => return Err(self.unexpected(|found| Kind::NoValue { found })),
        };
        Ok(Expr { term, span: span.to(self.last()) })
    }

    fn close(&mut self) -> Result<(), Fault> {
        if self.eat(&Token::Close) {
            return Ok(());
        }
        Err(self.unexpected(|found| Kind::NoSign { found }))
    }

    /// A function after its opening bracket.
    fn call(&mut self, name: &str, start: Span) -> Result<Term, Fault> {
        let mut arguments = Vec::new();
        if !self.eat(&Token::Close) {
            arguments.push(self.any()?);
            while self.eat(&Token::Comma) {
                arguments.push(self.any()?);
            }
            self.close()?;
        }
        Call { arguments, span: start.to(self.last()) }.of(name, start)
    }

    fn deeper(&mut self, read: impl Fn(&mut Parser) -> Result<Expr, Fault>) -> Result<Expr, Fault> {
        if self.depth == DEEPEST {
            return Err(Kind::TooDeep { most: DEEPEST }.at(self.span()));
        }
        self.depth += 1;
        let expr = read(self);
        self.depth -= 1;
        expr
    }
}

fn plain(name: String) -> Term {
    match name.as_str() {
        "true" => Term::Truth(true),
        "false" => Term::Truth(false),
        _ => Term::Name(name, Read::Now),
    }
}

/// Words that join expressions and so can be no name.
pub(super) fn is_keyword(name: &str) -> bool {
    ["and", "or", "not", "且", "或", "非"].contains(&name)
}
