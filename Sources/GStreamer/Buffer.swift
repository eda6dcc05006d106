import CGStreamer

/// A piece of media. Shared by reference; what is in it is not changed once it has been handed on.
///
/// `@unchecked Sendable`: reference counting is atomic, and bytes and times are written only by `allocate`,
/// `retimed` and probes, before anybody else sees the buffer; the flag that `leavePool` sets only the pool reads, after
/// everybody has let go.
public final class Buffer: @unchecked Sendable {
    /// No time: as `GST_CLOCK_TIME_NONE`.
    public static let noTime = UInt64.max

    let buffer: UnsafeMutablePointer<GstBuffer>

    init(owning buffer: UnsafeMutablePointer<GstBuffer>) {
        self.buffer = buffer
    }

    convenience init(sharing buffer: UnsafeMutablePointer<GstBuffer>) {
        self.init(owning: cg_buffer_ref(buffer))
    }

    deinit {
        cg_buffer_unref(buffer)
    }

    /// A buffer of `size` bytes that `fill` writes.
    public static func allocate(
        size: Int, pts: UInt64 = noTime, duration: UInt64 = noTime, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Buffer {
        let buffer = gst_buffer_new_allocate(nil, gsize(size), nil)!
        cg_buffer_set_times(buffer, guint64(pts), guint64(noTime), guint64(duration))
        var map = GstMapInfo()
        if gst_buffer_map(buffer, &map, GST_MAP_WRITE) != 0 {
            fill(UnsafeMutableRawBufferPointer(start: map.data, count: Int(map.size)))
            gst_buffer_unmap(buffer, &map)
        }
        return Buffer(owning: buffer)
    }

    public convenience init(_ bytes: [UInt8], pts: UInt64 = noTime, duration: UInt64 = noTime) {
        let made = Buffer.allocate(size: bytes.count, pts: pts, duration: duration) { $0.copyBytes(from: bytes) }
        self.init(sharing: made.buffer)
    }

    public var size: Int { Int(gst_buffer_get_size(buffer)) }
    /// Nanoseconds, or `noTime`; likewise the two below.
    public var pts: UInt64 { UInt64(cg_buffer_pts(buffer)) }
    public var dts: UInt64 { UInt64(cg_buffer_dts(buffer)) }
    public var duration: UInt64 { UInt64(cg_buffer_duration(buffer)) }
    /// Cannot be decoded by itself.
    public var isDeltaUnit: Bool { has(GST_BUFFER_FLAG_DELTA_UNIT) }
    public var isDiscontinuity: Bool { has(GST_BUFFER_FLAG_DISCONT) }
    public var isHeader: Bool { has(GST_BUFFER_FLAG_HEADER) }

    private func has(_ flag: GstBufferFlags) -> Bool { cg_buffer_flags(buffer) & flag.rawValue != 0 }

    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var map = GstMapInfo()
        guard gst_buffer_map(buffer, &map, GST_MAP_READ) != 0 else { return try body(.init(start: nil, count: 0)) }
        defer { gst_buffer_unmap(buffer, &map) }
        return try body(UnsafeRawBufferPointer(start: map.data, count: Int(map.size)))
    }

    /// The same bytes (not copied) under other times.
    public func retimed(
        pts: UInt64, duration: UInt64? = nil, isDiscontinuity: Bool? = nil, isGap: Bool? = nil
    ) -> Buffer {
        let copy = cg_buffer_copy_shallow(buffer)!
        cg_buffer_set_times(copy, guint64(pts), guint64(Self.noTime), guint64(duration ?? self.duration))
        if let isDiscontinuity { cg_buffer_set_flag(copy, GST_BUFFER_FLAG_DISCONT.rawValue, isDiscontinuity ? 1 : 0) }
        if let isGap { cg_buffer_set_flag(copy, GST_BUFFER_FLAG_GAP.rawValue, isGap ? 1 : 0) }
        return Buffer(owning: copy)
    }

    /// The same bytes (not copied) under other times and with a timecode that encoders and parsers pass on. Rates are
    /// whole frames a second.
    public func retimed(
        pts: UInt64, duration: UInt64, timecode: (hours: Int, minutes: Int, seconds: Int, frames: Int), frameRate: Int
    ) -> Buffer {
        let copy = retimed(pts: pts, duration: duration)
        cg_buffer_add_timecode(
            copy.buffer, guint(frameRate), guint(timecode.hours), guint(timecode.minutes), guint(timecode.seconds),
            guint(timecode.frames))
        return copy
    }

    /// A copy with bytes of its own that `change` may rewrite; times and flags stay.
    public func rewritten(_ change: (UnsafeMutableRawBufferPointer) -> Void) -> Buffer {
        let copy = gst_buffer_copy_deep(buffer)!
        var map = GstMapInfo()
        if gst_buffer_map(copy, &map, GstMapFlags(rawValue: GST_MAP_READ.rawValue | GST_MAP_WRITE.rawValue)) != 0 {
            change(UnsafeMutableRawBufferPointer(start: map.data, count: Int(map.size)))
            gst_buffer_unmap(copy, &map)
        }
        return Buffer(owning: copy)
    }

    /// Part of the bytes, not copied, without times.
    public func region(_ range: Range<Int>) -> Buffer {
        Buffer(owning: cg_buffer_region(buffer, gsize(range.lowerBound), gsize(range.count)))
    }

    /// The same with `bytes` put in at `offset`; times and flags stay, and what was there is not copied.
    public func inserting(_ bytes: [UInt8], at offset: Int) -> Buffer {
        let result = gst_buffer_copy_region(
            buffer,
            GstBufferCopyFlags(
                rawValue: GST_BUFFER_COPY_FLAGS.rawValue | GST_BUFFER_COPY_TIMESTAMPS.rawValue
                    | GST_BUFFER_COPY_META.rawValue | GST_BUFFER_COPY_MEMORY.rawValue), 0, gsize(offset))!
        let inserted = Buffer(bytes)
        gst_buffer_copy_into(result, inserted.buffer, GST_BUFFER_COPY_MEMORY, 0, gsize(bytes.count))
        gst_buffer_copy_into(result, buffer, GST_BUFFER_COPY_MEMORY, gsize(offset), gsize(size - offset))
        // A part has no duration in GStreamer's eyes.
        cg_buffer_set_times(result, guint64(pts), guint64(dts), guint64(duration))
        return Buffer(owning: result)
    }

    /// The bytes of all of them, one after another, with the times of the first.
    public static func joining(_ buffers: [Buffer]) -> Buffer {
        if buffers.count == 1 { return buffers[0] }
        return allocate(
            size: buffers.reduce(0) { $0 + $1.size }, pts: buffers.first?.pts ?? noTime,
            duration: buffers.first?.duration ?? noTime
        ) { target in
            var offset = 0
            for buffer in buffers {
                offset += buffer.withBytes { bytes in
                    target[offset...].copyBytes(from: bytes)
                    return bytes.count
                }
            }
        }
    }

    /// If it came from a pool, its memory is freed with it. A pool keeps as much as was ever in use at the same time; what
    /// is tagged as changed it discards (`default_release_buffer`).
    public func leavePool() { cg_buffer_set_flag(buffer, GST_BUFFER_FLAG_TAG_MEMORY.rawValue, 1) }

    /// A reference for C to own.
    func takePointer() -> UnsafeMutablePointer<GstBuffer> { cg_buffer_ref(buffer) }
}
