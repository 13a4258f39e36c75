//! Proves that a value has arrived inside, not only come back.

use crate::TypeMatrix;
use crate::exports::matrix::types::compute::{Color, Failure, Guest, Permissions, Point, Shape};

impl Guest for TypeMatrix {
    fn nothing() {}

    #[allow(clippy::too_many_arguments, reason = "more than a call passes in registers is the point")]
    fn concatenate(
        a: String,
        b: String,
        c: String,
        d: String,
        e: String,
        f: String,
        g: String,
        h: String,
        i: String,
    ) -> String {
        [a, b, c, d, e, f, g, h, i].concat()
    }

    fn xor_u64(values: Vec<u64>) -> u64 {
        values.into_iter().fold(0, |sum, value| sum ^ value)
    }

    fn byte_lengths(texts: Vec<String>) -> Vec<u32> {
        texts.iter().map(|text| text.len() as u32).collect()
    }

    fn code_point(value: char) -> u32 {
        value.into()
    }

    fn next_color(value: Color) -> Color {
        match value {
            Color::Red => Color::LightGreen,
            Color::LightGreen => Color::Blue,
            Color::Blue => Color::Red,
        }
    }

    fn complement(value: Permissions) -> Permissions {
        !value
    }

    fn bounds(points: Vec<Point>) -> Result<(Point, Point), Failure> {
        let corners = points.into_iter().map(|point| (point, point));
        corners
            .reduce(|(low, high), (point, _)| {
                let low = Point { x: low.x.min(point.x), y: low.y.min(point.y) };
                let high = Point { x: high.x.max(point.x), y: high.y.max(point.y) };
                (low, high)
            })
            .ok_or(Failure::Empty)
    }

    fn case_name(value: Shape) -> String {
        match value {
            Shape::Nothing => "nothing",
            Shape::Circle(_) => "circle",
            Shape::Polygon(_) => "polygon",
            Shape::Tagged(_) => "tagged",
            Shape::Code(_) => "code",
            Shape::Text(_) => "text",
        }
        .to_owned()
    }

    fn root(value: i32) -> Result<u32, Failure> {
        u32::try_from(value).map(u32::isqrt).map_err(|_| Failure::Negative(value))
    }

    fn fail(message: String) -> Result<(), String> {
        if message.is_empty() { Ok(()) } else { Err(message) }
    }
}
