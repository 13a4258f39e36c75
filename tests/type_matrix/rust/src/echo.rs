//! Returns what it is given.

use crate::TypeMatrix;
use crate::exports::matrix::types::echo::{Branch, Color, Crowd, Guest, Many, Permissions, Point, Shape};

/// `echo!(name: Type)`: a function that returns its argument.
macro_rules! echo {
    ($($name:ident: $type:ty,)*) => {
        $(fn $name(value: $type) -> $type {
            value
        })*
    };
}

impl Guest for TypeMatrix {
    echo! {
        echo_bool: bool,
        echo_u8: u8,
        echo_s8: i8,
        echo_u16: u16,
        echo_s16: i16,
        echo_u32: u32,
        echo_s32: i32,
        echo_u64: u64,
        echo_s64: i64,
        echo_f32: f32,
        echo_f64: f64,
        echo_char: char,
        echo_string: String,
        echo_bytes: Vec<u8>,
        echo_u16s: Vec<u16>,
        echo_s64s: Vec<i64>,
        echo_f32s: Vec<f32>,
        echo_bools: Vec<bool>,
        echo_chars: Vec<char>,
        echo_strings: Vec<String>,
        echo_table: Vec<Vec<String>>,
        echo_points: Vec<Point>,
        echo_colors: Vec<Color>,
        echo_point: Point,
        echo_crowd: Crowd,
        echo_branch: Branch,
        echo_shape: Shape,
        echo_shapes: Vec<Shape>,
        echo_color: Color,
        echo_permissions: Permissions,
        echo_many: Many,
        echo_tuple: (u8, String, f64),
        echo_nested_tuple: ((bool, char), Vec<String>),
        echo_option_u32: Option<u32>,
        echo_option_string: Option<String>,
        echo_option_bytes: Option<Vec<u8>>,
        echo_option_option: Option<Option<u32>>,
        echo_options: Vec<Option<String>>,
        echo_results: Vec<Result<u32, String>>,
        echo_result_unit: Vec<Result<(), String>>,
        echo_result_bare: Vec<Result<(), ()>>,
    }
}
