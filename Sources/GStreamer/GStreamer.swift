import CGStreamer
import Glibc

/// The library itself.
public enum GStreamer {
    private static let once: Void = gst_init(nil, nil)

    /// To be called before anything else here; more than once does no harm. Reads `GST_*` from the environment.
    public static func initialize() {
        once
    }

    /// `1.22.0`
    public static var version: String {
        var (major, minor, micro, nano): (guint, guint, guint, guint) = (0, 0, 0, 0)
        gst_version(&major, &minor, &micro, &nano)
        return "\(major).\(minor).\(micro)"
    }

    /// Whether a plugin that makes this kind of element is installed.
    public static func hasElement(_ factory: String) -> Bool {
        guard let found = gst_element_factory_find(factory) else { return false }
        gst_object_unref(UnsafeMutableRawPointer(found))
        return true
    }
}

/// What GStreamer refused, as a sentence.
public struct GStreamerError: Error, CustomStringConvertible, Equatable {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}

/// CLOCK_MONOTONIC, which is also the time of a pipeline that uses `Pipeline.useMonotonicClock`.
public enum MonotonicClock {
    /// Nanoseconds.
    public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Carries a Swift closure through a `gpointer`.
final class CallbackBox<Callback>: @unchecked Sendable {
    // `@unchecked`: immutable, and every callback stored in one is @Sendable; generics cannot say so for functions.
    let callback: Callback

    init(_ callback: Callback) {
        self.callback = callback
    }

    func retained() -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(self).toOpaque()
    }

    static func from(_ pointer: UnsafeMutableRawPointer) -> CallbackBox {
        Unmanaged<CallbackBox>.fromOpaque(pointer).takeUnretainedValue()
    }
}
