//! Bytes as text, and compressed bytes.

const std = @import("std");
const wit = @import("wit");

const Alphabet = @import("Alphabet.zig");
const Allocator = std.mem.Allocator;
const Data = wit.types.Data;
const data_of = @import("data.zig");
const flate = std.compress.flate;
const types = wit.codecs;

pub fn encode(arena: Allocator, data: Data, encoding: types.Encoding) ![]const u8 {
    return alphabetOf(encoding).encode(arena, data_of.bytesOf(data));
}

pub fn decode(arena: Allocator, text: []const u8, encoding: types.Encoding) !wit.Result(Data, types.DecodeError) {
    return switch (try alphabetOf(encoding).decode(arena, text)) {
        .bytes => |bytes| .{ .ok = data_of.fromBytes(bytes) },
        .invalid => |at| .{ .err = .{ .invalid_character = @intCast(at) } },
        .incomplete => .{ .err = .incomplete },
    };
}

pub fn decompress(
    arena: Allocator,
    bytes: []const u8,
    compression: types.Compression,
    max_bytes: u32,
) !wit.Result(Data, types.DecompressError) {
    var input: std.Io.Reader = .fixed(bytes);
    const container: flate.Container = switch (compression) {
        .gzip => .gzip,
        .zlib => .zlib,
        .deflate => .raw,
    };
    const window = try arena.alloc(u8, flate.max_window_len);
    var stream: flate.Decompress = .init(&input, container, window);
    const all = stream.reader.allocRemaining(arena, .limited(max_bytes)) catch |err| switch (err) {
        error.ReadFailed => return .{ .err = .damaged },
        error.StreamTooLong => return .{ .err = .{ .too_large = max_bytes } },
        error.OutOfMemory => return error.OutOfMemory,
    };
    return .{ .ok = data_of.fromBytes(all) };
}

fn alphabetOf(encoding: types.Encoding) Alphabet {
    return switch (encoding) {
        .hex => .hex,
        .base32 => .base32,
        .base32_crockford => .crockford,
        .base64 => .base64,
        .base64_url => .base64_url,
    };
}

const testing = std.testing;

fn expectDecoded(expected: []const u8, text: []const u8, encoding: types.Encoding) !void {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const decoded = try decode(arena.allocator(), text, encoding);
    try testing.expectEqualSlices(u8, expected, data_of.bytesOf(decoded.ok));
}

fn expectRefused(expected: types.DecodeError, text: []const u8, encoding: types.Encoding) !void {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    try testing.expectEqual(expected, (try decode(arena.allocator(), text, encoding)).err);
}

test "encodings are those of RFC 4648, section 10" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const examples = [_]struct { []const u8, types.Encoding, []const u8 }{
        .{ "", .base64, "" },
        .{ "f", .base64, "Zg==" },
        .{ "fo", .base64, "Zm8=" },
        .{ "foobar", .base64, "Zm9vYmFy" },
        .{ "\xfb\xff", .base64_url, "-_8" },
        .{ "f", .base32, "MY======" },
        .{ "fooba", .base32, "MZXW6YTB" },
        .{ "foobar", .base32, "MZXW6YTBOI======" },
        .{ "foobar", .base32_crockford, "CSQPYRK1E8" },
        .{ "foobar", .hex, "666f6f626172" },
    };
    for (examples) |example| {
        const plain, const encoding, const text = example;
        try testing.expectEqualStrings(text, try encode(arena.allocator(), .{ .bytes = plain }, encoding));
        try expectDecoded(plain, text, encoding);
    }
}

test "white space, missing padding and another letter case do no harm" {
    try expectDecoded("foobar", " Zm9v\nYmFy ", .base64);
    try expectDecoded("fo", "Zm8", .base64);
    try expectDecoded("\xde\xad", "DEad", .hex);
    try expectDecoded("foobar", "mzxw6ytboi", .base32);
    try expectDecoded("foobar", "csqpyrkIe8", .base32_crockford);
}

test "what is no encoding says where" {
    try expectRefused(.{ .invalid_character = 2 }, "Zm!v", .base64);
    try expectRefused(.{ .invalid_character = 3 }, "Zg=v", .base64);
    try expectRefused(.{ .invalid_character = 0 }, "é", .hex);
    try expectRefused(.incomplete, "abc", .hex);
    try expectRefused(.incomplete, "Z", .base64);
    try expectRefused(.incomplete, "Zg=", .base64);
    try expectRefused(.incomplete, "Zh==", .base64);
}

/// "Hello world\n", compressed.
const hello = "\xf3\x48\xcd\xc9\xc9\x57\x28\xcf\x2f\xca\x49\xe1\x02\x00";

fn expectDecompressed(expected: wit.Result(Data, types.DecompressError), bytes: []const u8, max_bytes: u32) !void {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    try testing.expectEqualDeep(expected, try decompress(arena.allocator(), bytes, .deflate, max_bytes));
}

test "compressed bytes come out up to the cap" {
    try expectDecompressed(.{ .ok = .{ .text = "Hello world\n" } }, hello, 12);
    try expectDecompressed(.{ .err = .{ .too_large = 11 } }, hello, 11);
    try expectDecompressed(.{ .err = .damaged }, hello[0..5], 12);
    try expectDecompressed(.{ .err = .damaged }, "\xff\xff", 12);
}
