//! Returns what it is given.

const wit = @import("wit");

const types = wit.echo;
const Result = wit.Result;

pub fn echoBool(value: bool) bool {
    return value;
}

pub fn echoU8(value: u8) u8 {
    return value;
}

pub fn echoS8(value: i8) i8 {
    return value;
}

pub fn echoU16(value: u16) u16 {
    return value;
}

pub fn echoS16(value: i16) i16 {
    return value;
}

pub fn echoU32(value: u32) u32 {
    return value;
}

pub fn echoS32(value: i32) i32 {
    return value;
}

pub fn echoU64(value: u64) u64 {
    return value;
}

pub fn echoS64(value: i64) i64 {
    return value;
}

pub fn echoF32(value: f32) f32 {
    return value;
}

pub fn echoF64(value: f64) f64 {
    return value;
}

pub fn echoChar(value: u21) u21 {
    return value;
}

pub fn echoString(value: []const u8) []const u8 {
    return value;
}

pub fn echoBytes(value: []const u8) []const u8 {
    return value;
}

pub fn echoU16s(value: []const u16) []const u16 {
    return value;
}

pub fn echoS64s(value: []const i64) []const i64 {
    return value;
}

pub fn echoF32s(value: []const f32) []const f32 {
    return value;
}

pub fn echoBools(value: []const bool) []const bool {
    return value;
}

pub fn echoChars(value: []const u21) []const u21 {
    return value;
}

pub fn echoStrings(value: []const []const u8) []const []const u8 {
    return value;
}

pub fn echoTable(value: []const []const []const u8) []const []const []const u8 {
    return value;
}

pub fn echoPoints(value: []const types.Point) []const types.Point {
    return value;
}

pub fn echoColors(value: []const types.Color) []const types.Color {
    return value;
}

pub fn echoPoint(value: types.Point) types.Point {
    return value;
}

pub fn echoCrowd(value: types.Crowd) types.Crowd {
    return value;
}

pub fn echoBranch(value: types.Branch) types.Branch {
    return value;
}

pub fn echoShape(value: types.Shape) types.Shape {
    return value;
}

pub fn echoShapes(value: []const types.Shape) []const types.Shape {
    return value;
}

pub fn echoColor(value: types.Color) types.Color {
    return value;
}

pub fn echoPermissions(value: types.Permissions) types.Permissions {
    return value;
}

pub fn echoMany(value: types.Many) types.Many {
    return value;
}

pub fn echoTuple(value: struct { u8, []const u8, f64 }) struct { u8, []const u8, f64 } {
    return value;
}

pub fn echoNestedTuple(value: struct { struct { bool, u21 }, []const []const u8 }) struct { struct { bool, u21 }, []const []const u8 } {
    return value;
}

pub fn echoOptionU32(value: ?u32) ?u32 {
    return value;
}

pub fn echoOptionString(value: ?[]const u8) ?[]const u8 {
    return value;
}

pub fn echoOptionBytes(value: ?[]const u8) ?[]const u8 {
    return value;
}

pub fn echoOptionOption(value: ??u32) ??u32 {
    return value;
}

pub fn echoOptions(value: []const ?[]const u8) []const ?[]const u8 {
    return value;
}

pub fn echoResults(value: []const Result(u32, []const u8)) []const Result(u32, []const u8) {
    return value;
}

pub fn echoResultUnit(value: []const Result(void, []const u8)) []const Result(void, []const u8) {
    return value;
}

pub fn echoResultBare(value: []const Result(void, void)) []const Result(void, void) {
    return value;
}
