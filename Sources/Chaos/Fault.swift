/// What chaos does to a system, and what may follow from it.
public enum Fault: Sendable, Equatable, CustomStringConvertible {
    case killWorker(String)
    /// Stopped, and continued after so many milliseconds.
    case stopWorker(String, milliseconds: Int)
    /// The address space of a worker is cut down to what it has, for so many milliseconds: what it asks for fails, or it
    /// dies of that.
    case starveWorkerOfMemory(String, milliseconds: Int)
    /// An input stops and goes on again and again.
    case flapInput(String)
    case stopReceiver(Int, milliseconds: Int)
    /// Its program is killed; the loop around it calls again.
    case dropReceiver(Int)
    case killDaemon
    /// SIGUSR2, as for an upgrade.
    case detachDaemon
    /// Another SRT latency for one venue, then SIGHUP.
    case reload(Int)
    /// A file that is no configuration, then SIGHUP; the old one is put back.
    case reloadNonsense
    case fillDisk
    case freezeDisk(milliseconds: Int)

    public var description: String {
        switch self {
        case .killWorker(let id): "kill -9 \(id)"
        case .stopWorker(let id, let time): "stop \(id) for \(time) ms"
        case .starveWorkerOfMemory(let id, let time): "no more memory for \(id) for \(time) ms"
        case .flapInput(let id): "\(id) flaps"
        case .stopReceiver(let index, let time): "the receiver of venue \(index) stands still for \(time) ms"
        case .dropReceiver(let index): "the receiver of venue \(index) dies"
        case .killDaemon: "kill -9 venuecastd"
        case .detachDaemon: "SIGUSR2 to venuecastd"
        case .reload(let index): "reload: another latency for venue \(index)"
        case .reloadNonsense: "reload of nonsense"
        case .fillDisk: "the state directory's disk is full"
        case .freezeDisk(let time): "the state directory's disk is frozen for \(time) ms"
        }
    }

    /// Whether a gap at this venue is explained by it: a fault on the venue's own link, and no other.
    func explainsGap(at venue: Int, linkID: String) -> Bool {
        switch self {
        case .killWorker(linkID), .starveWorkerOfMemory(linkID, _), .stopWorker(linkID, _): true
        case .stopReceiver(venue, _), .dropReceiver(venue), .reload(venue): true
        default: false
        }
    }

    /// Whose processes are killed, for the log to tell of.
    var victim: String? {
        if case .killWorker(let id) = self { return id }
        return nil
    }

    /// What may be drawn.
    struct Targets: Sendable {
        var inputs: [String]
        var links: [String]
        var hasOwnDisk: Bool
    }

    static func draw(_ targets: Targets, _ generator: inout SeededGenerator) -> Fault {
        let workers = targets.inputs + targets.links + ["program"]
        func worker() -> String { workers[Int.random(in: workers.indices, using: &generator)] }
        func venue() -> Int { Int.random(in: targets.links.indices, using: &generator) }
        switch Int.random(in: 0..<(targets.hasOwnDisk ? 20 : 17), using: &generator) {
        case 0..<4: return .killWorker(worker())
        case 4..<6: return .stopWorker(worker(), milliseconds: Int.random(in: 200...7000, using: &generator))
        case 6: return .starveWorkerOfMemory(worker(), milliseconds: Int.random(in: 500...15000, using: &generator))
        case 7..<9: return .flapInput(targets.inputs[Int.random(in: targets.inputs.indices, using: &generator)])
        case 9..<11: return .stopReceiver(venue(), milliseconds: Int.random(in: 200...7000, using: &generator))
        case 11: return .dropReceiver(venue())
        case 12..<14: return .killDaemon
        case 14: return .detachDaemon
        case 15: return .reload(venue())
        case 16: return .reloadNonsense
        case 17: return .fillDisk
        default: return .freezeDisk(milliseconds: Int.random(in: 500...5000, using: &generator))
        }
    }
}

/// The same faults again for the same seed (SplitMix64, Steele, Lea and Flood 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
