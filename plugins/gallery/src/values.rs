//! Every value type, in and out.

use crate::Gallery;
use crate::exports::samples::gallery::values::{Guest, Integers, Permissions, Person, Point, Season, Shape};

impl Guest for Gallery {
    fn do_nothing() {}

    fn toggle_switch(on: bool) -> bool {
        !on
    }

    fn copy_integers(numbers: Integers) -> Integers {
        numbers
    }

    fn add_large_numbers(a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }

    fn halve_numbers(single: f32, double: f64) -> (f32, f64) {
        (single / 2.0, double / 2.0)
    }

    fn next_character(letter: char) -> char {
        // A range of characters knows that surrogates are none; after the last one comes the first.
        (letter..=char::MAX).nth(1).unwrap_or('\0')
    }

    fn greet(name: String) -> String {
        format!("Hello, {name}!")
    }

    fn reverse_bytes(mut data: Vec<u8>) -> Vec<u8> {
        data.reverse();
        data
    }

    fn reverse_list(mut items: Vec<String>) -> Vec<String> {
        items.reverse();
        items
    }

    fn swap_pair((text, number): (String, u32)) -> (u32, String) {
        (number, text)
    }

    fn move_point(start: Point, by: Point) -> Point {
        Point { x: start.x + by.x, y: start.y + by.y }
    }

    fn scale_shape(shape: Shape, factor: f64) -> Shape {
        let scale = |point: Point| Point { x: point.x * factor, y: point.y * factor };
        match shape {
            Shape::Empty => Shape::Empty,
            Shape::Circle(radius) => Shape::Circle(radius * factor),
            Shape::Rectangle((a, b)) => Shape::Rectangle((scale(a), scale(b))),
            Shape::Polygon(corners) => Shape::Polygon(corners.into_iter().map(scale).collect()),
        }
    }

    fn next_season(season: Season) -> Season {
        match season {
            Season::Spring => Season::Summer,
            Season::Summer => Season::Autumn,
            Season::Autumn => Season::Winter,
            Season::Winter => Season::Spring,
        }
    }

    fn invert_permissions(permitted: Permissions) -> Permissions {
        !permitted
    }

    fn first_word(text: Option<String>) -> Option<String> {
        Some(text?.split_whitespace().next()?.to_owned())
    }

    fn complete_person(person: Person, family_name: String) -> Person {
        let family_name = person.family_name.or(Some(family_name));
        Person { family_name, ..person }
    }

    fn round_readings(readings: Vec<Result<f64, String>>) -> Vec<Result<i32, String>> {
        readings.into_iter().map(|reading| reading.and_then(round)).collect()
    }

    fn reverse_verdict(verdict: Result<(), ()>) -> (Result<(), ()>, String) {
        match verdict {
            Ok(()) => (Err(()), "no".to_owned()),
            Err(()) => (Ok(()), "yes".to_owned()),
        }
    }
}

fn round(degrees: f64) -> Result<i32, String> {
    if degrees.is_finite() { Ok(degrees.round() as i32) } else { Err(format!("{degrees} is no temperature")) }
}

#[cfg(test)]
mod tests {
    use super::{Gallery, Guest, Permissions};

    #[test]
    fn the_next_character_is_never_a_surrogate() {
        assert_eq!(Gallery::next_character('a'), 'b');
        assert_eq!(Gallery::next_character('\u{D7FF}'), '\u{E000}');
        assert_eq!(Gallery::next_character('\u{FFFF}'), '\u{10000}');
        assert_eq!(Gallery::next_character(char::MAX), '\0');
    }

    #[test]
    fn inverted_permissions_hold_no_unknown_flag() {
        assert_eq!(Gallery::invert_permissions(Permissions::READ), Permissions::WRITE | Permissions::EXECUTE);
    }

    #[test]
    fn a_reading_that_is_no_number_becomes_a_failure() {
        let readings = vec![Ok(20.5), Ok(f64::NAN), Err("broken".to_owned())];
        let rounded = Gallery::round_readings(readings);
        assert_eq!(rounded, [Ok(21), Err("NaN is no temperature".to_owned()), Err("broken".to_owned())]);
    }
}
