//! For `zig build test` and for editors. `toolcell build` makes the component, and the bindings that are used here.

const std = @import("std");

pub fn build(b: *std.Build) void {
    const wit = b.createModule(.{ .root_source_file = b.path("target/toolcell/bindings/wit.zig") });
    const plugin = b.createModule(.{
        .root_source_file = b.path("src/main.zig"),
        .target = b.resolveTargetQuery(.{}),
        .imports = &.{.{ .name = "wit", .module = wit }},
    });
    const tests = b.addRunArtifact(b.addTest(.{ .root_module = plugin }));
    b.step("test", "Run the unit tests").dependOn(&tests.step);
}
