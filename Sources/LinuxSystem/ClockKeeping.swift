import CLinux
import Glibc

/// How the machine's wall clock is kept, and how far off it can be.
public struct ClockKeeping: Sendable, Equatable {
    public enum Keeper: String, Sendable {
        case chrony, ntpd, ptp
        case timesyncd = "systemd-timesyncd"
        /// It is kept, and not by a program that is seen here: a container's host does it.
        case unknown
        case none
    }

    public var keeper: Keeper
    public var isSynchronised: Bool
    /// Milliseconds; nil: nobody can tell.
    public var uncertaintyMs: Double?

    /// Looks now. Reads /proc and may start a program that has two seconds: keep it off the cooperative pool.
    public static func look() -> ClockKeeping {
        var kernel = clinux_clock()
        // Where the kernel does not say, nobody does.
        let isKnown = clinux_clock(&kernel) == 0
        let keeper = runningKeeper()
        return decide(
            isSynchronised: isKnown && kernel.is_synchronised != 0,
            kernelErrorMs: Double(kernel.max_error_microseconds) / 1000, keeper: keeper,
            message: keeper == .timesyncd ? timesyncMessage() : nil)
    }

    /// - Parameters:
    ///   - kernelErrorMs: adjtimex(2)'s maxerror. chrony, ntpd put the distance to their reference into it, timesyncd does not.
    ///   - message: NTPMessage of `timedatectl show-timesync`.
    static func decide(
        isSynchronised: Bool, kernelErrorMs: Double, keeper: Keeper?, message: String?
    ) -> ClockKeeping {
        guard isSynchronised else { return ClockKeeping(keeper: keeper ?? .none, isSynchronised: false) }
        guard keeper == .timesyncd else {
            return ClockKeeping(keeper: keeper ?? .unknown, isSynchronised: true, uncertaintyMs: kernelErrorMs)
        }
        return ClockKeeping(
            keeper: .timesyncd, isSynchronised: true,
            uncertaintyMs: message.flatMap(rootDistanceMs).map { $0 + kernelErrorMs })
    }

    /// Half the way to the reference, its own error, and how much the last answers differed (RFC 5905, root distance).
    static func rootDistanceMs(_ message: String) -> Double? {
        func value(_ name: String) -> Double? {
            guard let range = message.range(of: name + "=") else { return nil }
            return milliseconds(String(message[range.upperBound...].prefix { $0 != "," && $0 != "}" }))
        }
        guard let delay = value("RootDelay"), let dispersion = value("RootDispersion") else { return nil }
        return delay / 2 + dispersion + (value("Jitter") ?? 0)
    }

    /// systemd.time(7) as it is printed: `1.159ms`, `717us`, `1s 20ms`, `0`.
    static func milliseconds(_ text: String) -> Double? {
        let units = ["us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "": 0.001]
        var sum: Double?
        for part in text.split(separator: " ") {
            let number = part.prefix { $0.isNumber || $0 == "." }
            guard let value = Double(number), let unit = units[String(part.dropFirst(number.count))] else { return nil }
            sum = (sum ?? 0) + value * unit
        }
        return sum
    }

    private static func runningKeeper() -> Keeper? {
        let names: [String: Keeper] = [
            "chronyd": .chrony, "systemd-timesyn": .timesyncd, "ntpd": .ntpd, "phc2sys": .ptp, "ptp4l": .ptp,
        ]
        for name in (try? Files.list("/proc")) ?? [] where name.allSatisfy(\.isNumber) {
            guard let bytes = try? Files.read("/proc/\(name)/comm", limit: 64) else { continue }
            if let keeper = names[String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" }] { return keeper }
        }
        return nil
    }

    private static func timesyncMessage() -> String? {
        guard
            let pipe = popen(
                "LC_ALL=C exec timeout 2 timedatectl show-timesync -p NTPMessage --value 2>/dev/null", "re")
        else { return nil }
        defer { pclose(pipe) }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), pipe) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension String {
    /// The first place of a text in it.
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
