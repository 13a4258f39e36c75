//! Text or bytes: what goes in as either, and comes out as text where it can.

const std = @import("std");
const Data = @import("wit").types.Data;

pub fn bytesOf(data: Data) []const u8 {
    return switch (data) {
        .text => |text| text,
        .bytes => |bytes| bytes,
    };
}

pub fn fromBytes(bytes: []const u8) Data {
    return if (std.unicode.utf8ValidateSlice(bytes)) .{ .text = bytes } else .{ .bytes = bytes };
}
