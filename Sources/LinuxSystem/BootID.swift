/// The kernel's name for the time since the machine's start: CLOCK_MONOTONIC means nothing without it.
public func currentBootID() -> String {
    let bytes = (try? Files.read("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
    return String(decoding: bytes, as: UTF8.self).filter { $0.isHexDigit || $0 == "-" }
}
