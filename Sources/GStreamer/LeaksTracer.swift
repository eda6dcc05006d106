import CGStreamer

/// What `GST_TRACERS=leaks` knows. To be asked when nothing is running.
public enum LeaksTracer {
    /// The type names of what still lives; nil when the tracer is not on.
    public static func liveObjects() -> [String]? {
        let tracers = gst_tracing_get_active_tracers()
        defer { g_list_free_full(tracers, gst_object_unref) }
        var next = tracers
        while let entry = next {
            let tracer = Object.wrap(entry.pointee.data)
            if tracer.typeName == "GstLeaksTracer" {
                guard let answer = try? tracer.emit("get-live-objects").structureValue else { return nil }
                return (answer["live-objects-list"]?.arrayValue ?? []).compactMap {
                    guard let object = $0.structureValue?["object"] else { return nil }
                    return switch object {
                    case .object(let object): object.typeName
                    default: "\(object)"
                    }
                }
            }
            next = entry.pointee.next
        }
        return nil
    }
}
