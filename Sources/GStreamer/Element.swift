import CGStreamer

public class Element: Object, @unchecked Sendable {
    public enum State: UInt32, Sendable {
        case null = 1
        case ready, paused, playing
    }

    public enum StateChange: Sendable {
        /// It is there.
        case success
        /// It goes on in the background; `state(within:)` waits for it.
        case async
        /// A live source: there is no data until PLAYING.
        case noPreroll
    }

    var element: UnsafeMutablePointer<GstElement> { pointer.assumingMemoryBound(to: GstElement.self) }

    public static func make(_ factory: String, name: String? = nil) throws -> Element {
        guard let made = gst_element_factory_make(factory, name) else {
            throw GStreamerError("there is no element \(factory); is the package with its plugin installed?")
        }
        return Element(owning: UnsafeMutableRawPointer(gst_object_ref_sink(made)!))
    }

    public var name: String {
        guard let text = gst_object_get_name(pointer.assumingMemoryBound(to: GstObject.self)) else { return "" }
        defer { g_free(text) }
        return String(cString: text)
    }

    /// Blocks for as long as the element takes, which has no bound: never on the cooperative pool.
    @discardableResult
    public func setState(_ state: State) throws -> StateChange {
        switch gst_element_set_state(element, GstState(rawValue: state.rawValue)) {
        case GST_STATE_CHANGE_SUCCESS: return .success
        case GST_STATE_CHANGE_ASYNC: return .async
        case GST_STATE_CHANGE_NO_PREROLL: return .noPreroll
        default: throw GStreamerError("\(name) does not go to \(state)")
        }
    }

    /// Waits until a change of state is done.
    /// - Returns: the state reached, nil when it was not within `nanoseconds`.
    public func state(within nanoseconds: UInt64) throws -> State? {
        var current = GST_STATE_NULL
        switch gst_element_get_state(element, &current, nil, GstClockTime(nanoseconds)) {
        case GST_STATE_CHANGE_FAILURE: throw GStreamerError("\(name) has failed to change its state")
        case GST_STATE_CHANGE_ASYNC: return nil
        default: return State(rawValue: current.rawValue)
        }
    }

    public func pad(_ name: String) throws -> Pad {
        guard let pad = gst_element_get_static_pad(element, name) else {
            throw GStreamerError("\(self.name) has no pad \(name)")
        }
        return Pad(owning: UnsafeMutableRawPointer(pad))
    }

    public func requestPad(_ template: String) throws -> Pad {
        guard let pad = gst_element_request_pad_simple(element, template) else {
            throw GStreamerError("\(name) gives no pad \(template)")
        }
        return Pad(owning: UnsafeMutableRawPointer(pad))
    }

    public func releasePad(_ pad: Pad) {
        gst_element_release_request_pad(element, pad.pad)
    }

    @discardableResult
    public func send(_ event: Event) -> Bool {
        gst_element_send_event(element, event.takePointer()) != 0
    }

    /// A flushing or segment seek to `position` nanoseconds.
    @discardableResult
    public func seek(to position: UInt64, flush: Bool, segment: Bool) -> Bool {
        var flags: UInt32 = GST_SEEK_FLAG_ACCURATE.rawValue
        if flush { flags |= GST_SEEK_FLAG_FLUSH.rawValue }
        if segment { flags |= GST_SEEK_FLAG_SEGMENT.rawValue }
        return gst_element_seek(
            element, 1, GST_FORMAT_TIME, GstSeekFlags(rawValue: flags), GST_SEEK_TYPE_SET, gint64(position),
            GST_SEEK_TYPE_NONE, -1) != 0
    }

    /// Nanoseconds; nil when nobody knows.
    public func duration() -> UInt64? {
        var duration: gint64 = -1
        guard gst_element_query_duration(element, GST_FORMAT_TIME, &duration) != 0, duration >= 0 else { return nil }
        return UInt64(duration)
    }
}
