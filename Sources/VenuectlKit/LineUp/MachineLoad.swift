import Glibc
import LinuxSystem
import VenuecastModel

/// How busy this machine is between two looks; from /proc.
struct MachineLoad: Sendable {
    private let busy: UInt64
    private let all: UInt64

    /// Nil where /proc does not say.
    init?() {
        guard let text = Self.text("/proc/stat"), let line = text.split(separator: "\n").first else { return nil }
        self.init(line: String(line))
    }

    /// `cpu user nice system idle iowait irq softirq steal …`, in ticks (proc(5)).
    init?(line: String) {
        let numbers = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard numbers.count >= 5 else { return nil }
        all = numbers.reduce(0, +)
        busy = all - numbers[3] - numbers[4]
    }

    /// - Parameter before: an earlier look.
    func machine(since before: MachineLoad) -> LineUp.Machine? {
        guard all > before.all, let memory = Self.text("/proc/meminfo"),
            let total = Self.kilobytes("MemTotal", memory), let available = Self.kilobytes("MemAvailable", memory)
        else { return nil }
        return LineUp.Machine(
            busy: Double(busy - min(busy, before.busy)) / Double(all - before.all),
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            availableBytes: available * 1024, totalBytes: total * 1024)
    }

    /// The daemon's workers run here: its socket may have been brought here from another machine.
    static func isHome(of workers: [WorkerStatus]) -> Bool {
        workers.contains { worker in
            guard let pid = worker.pid, let line = text("/proc/\(pid)/cmdline") else { return false }
            return line.contains("venuecast-worker")
        }
    }

    private static func kilobytes(_ name: String, _ text: String) -> UInt64? {
        text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            .flatMap { UInt64($0.filter(\.isNumber)) }
    }

    private static func text(_ path: String) -> String? {
        (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
