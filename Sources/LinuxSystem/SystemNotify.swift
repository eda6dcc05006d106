import CLinux
import Glibc

/// Tells systemd (`READY=1`, `STATUS=…`, `WATCHDOG=1`). Does nothing where nobody listens.
/// - Returns: whether it was handed over.
@discardableResult
public func sdNotify(_ state: String) -> Bool {
    guard let address = getenv("NOTIFY_SOCKET") else { return false }
    return clinux_notify(address, state, state.utf8.count) == 0
}
