import Synchronization

/// Where the alarms of this moment are written down and anybody reads them without waiting.
public final class AlarmBoard: Sendable {
    private let stored = Mutex<[AlarmStatus]>([])

    public init() {}

    public var alarms: [AlarmStatus] {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}
