import CGStreamer

public final class Pad: Object, @unchecked Sendable {
    public enum BufferDecision {
        case pass
        case drop
        /// Sends this one on instead.
        case replace(Buffer)
    }

    public enum EventDecision: Sendable {
        case pass, drop
    }

    var pad: UnsafeMutablePointer<GstPad> { pointer.assumingMemoryBound(to: GstPad.self) }

    public var caps: Caps? {
        guard let caps = gst_pad_get_current_caps(pad) else { return nil }
        defer { cg_caps_unref(caps) }
        return Caps(caps)
    }

    public var isLinked: Bool { gst_pad_is_linked(pad) != 0 }

    /// The pad it is linked to.
    public var peer: Pad? { gst_pad_get_peer(pad).map { Pad(owning: UnsafeMutableRawPointer($0)) } }

    /// What it carries now or, before anything flows, could carry.
    public var currentOrPossibleCaps: Caps? {
        if let caps { return caps }
        guard let caps = gst_pad_query_caps(pad, nil) else { return nil }
        defer { cg_caps_unref(caps) }
        return Caps(caps)
    }

    /// A buffer's time as the pipeline's running time, by the segment that the pad carries now; nanoseconds. Encoders shift
    /// the times in their buffers (x264enc by 1000 hours) and say so in the segment alone.
    public func runningTime(of time: UInt64) -> UInt64? {
        guard time != Buffer.noTime, let event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0) else { return nil }
        defer { cg_event_unref(event) }
        var segment: UnsafePointer<GstSegment>?
        gst_event_parse_segment(event, &segment)
        guard let segment else { return nil }
        let running = UInt64(gst_segment_to_running_time(segment, GST_FORMAT_TIME, guint64(time)))
        return running == Buffer.noTime ? nil : running
    }

    /// Towards whom the pad's own element would send events: upstream into a source pad, downstream into a sink pad.
    @discardableResult
    public func send(_ event: Event) -> Bool {
        gst_pad_send_event(pad, event.takePointer()) != 0
    }

    @discardableResult
    public func link(to other: Pad) -> Bool {
        gst_pad_link(pad, other.pad) == GST_PAD_LINK_OK
    }

    /// Sees each buffer on the streaming thread; buffers of lists one by one are not: see `onBufferList`.
    @discardableResult
    public func onBuffer(_ handler: @escaping @Sendable (Buffer) -> BufferDecision) -> Probe {
        add(GST_PAD_PROBE_TYPE_BUFFER.rawValue, CallbackBox(handler)) { _, info, box in
            let handler = CallbackBox<@Sendable (Buffer) -> BufferDecision>.from(box!).callback
            let pointer = info!.pointee.data!.assumingMemoryBound(to: GstBuffer.self)
            switch handler(Buffer(sharing: pointer)) {
            case .pass: return GST_PAD_PROBE_OK
            case .drop: return GST_PAD_PROBE_DROP
            case .replace(let other):
                info!.pointee.data = UnsafeMutableRawPointer(other.takePointer())
                cg_buffer_unref(pointer)
                return GST_PAD_PROBE_OK
            }
        }
    }

    /// Sees each downstream event.
    @discardableResult
    public func onEvent(_ handler: @escaping @Sendable (Event) -> EventDecision) -> Probe {
        add(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM.rawValue, CallbackBox(handler)) { _, info, box in
            let handler = CallbackBox<@Sendable (Event) -> EventDecision>.from(box!).callback
            let pointer = info!.pointee.data!.assumingMemoryBound(to: GstEvent.self)
            return handler(Event(owning: cg_event_ref(pointer))) == .drop ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK
        }
    }

    private func add<Callback>(
        _ type: UInt32, _ box: CallbackBox<Callback>, _ probe: @escaping GstPadProbeCallback
    ) -> Probe {
        let identifier = gst_pad_add_probe(
            pad, GstPadProbeType(rawValue: type), probe, box.retained(),
            { Unmanaged<AnyObject>.fromOpaque($0!).release() })
        return Probe(pad: self, identifier: identifier)
    }
}

/// A probe that stays on its pad until it is removed.
public struct Probe: Sendable {
    fileprivate let pad: Pad
    fileprivate let identifier: gulong

    public func remove() {
        gst_pad_remove_probe(pad.pad, identifier)
    }
}
