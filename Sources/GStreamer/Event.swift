import CGStreamer

/// `@unchecked Sendable`: an event is not changed after it was made, and counted atomically.
public final class Event: @unchecked Sendable {
    let event: UnsafeMutablePointer<GstEvent>

    init(owning event: UnsafeMutablePointer<GstEvent>) {
        self.event = event
    }

    deinit {
        cg_event_unref(event)
    }

    public static func endOfStream() -> Event {
        Event(owning: gst_event_new_eos())
    }

    /// Asks an encoder upstream for a keyframe as soon as it can.
    /// - Parameter allHeaders: with everything a decoder needs to begin there.
    public static func forceKeyUnit(allHeaders: Bool, count: UInt32 = 0) -> Event {
        let structure = cg_force_key_unit(guint64.max, allHeaders ? 1 : 0, count)
        return Event(owning: gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, structure))
    }

    /// `eos`, `segment`, `caps`, `custom-upstream` …
    public var kind: String { String(cString: gst_event_type_get_name(cg_event_type(event))) }

    public var structure: Structure? { gst_event_get_structure(event).map { Structure($0) } }

    func takePointer() -> UnsafeMutablePointer<GstEvent> { cg_event_ref(event) }
}
