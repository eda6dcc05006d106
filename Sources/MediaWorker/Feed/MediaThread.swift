import CLinux
import GStreamer
import Glibc
import LinuxSystem

/// A thread for work that blocks in the kernel: reading and writing feeds. Never the cooperative pool's.
enum MediaThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Detached; the body decides when it ends. The name shows in `top -H`, 15 bytes of it.
    /// - Parameter urgent: for one that only passes on what is small and wanted at once.
    static func start(_ name: String, urgent: Bool = false, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 512 << 10)
        let box = Unmanaged.passRetained(
            Body {
                if urgent { RealTimeScheduling.adoptForThread() }
                body()
            }
        ).toOpaque()
        var thread = pthread_t()
        let outcome = pthread_create(
            &thread, &attributes,
            { box in
                Unmanaged<Body>.fromOpaque(box!).takeRetainedValue().run()
                return nil
            }, box)
        pthread_attr_destroy(&attributes)
        // No thread means no memory: nothing sensible can be done without it.
        precondition(outcome == 0, "pthread_create: \(outcome)")
        _ = clinux_name_thread(thread, String(name.prefix(15)))
    }

    /// Until a moment of CLOCK_MONOTONIC, in nanoseconds; returns at once when it has passed. Only on a thread of our own.
    static func sleep(until time: UInt64) {
        guard time > MonotonicClock.now() else { return }
        var moment = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil) == EINTR {}
    }

    /// Only on a thread of our own.
    static func sleep(milliseconds: Int) {
        usleep(UInt32(milliseconds) * 1000)
    }
}
