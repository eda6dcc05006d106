/// All downloads together get so many bytes a second, so that the programme's lines and disks stay free.
actor DownloadPace {
    static let shared = DownloadPace()
    private var free = ContinuousClock.now

    /// Returns when so many bytes may go.
    func pass(_ bytes: Int, bytesPerSecond: Int) async throws {
        guard bytesPerSecond > 0 else { return }
        let now = ContinuousClock.now
        let start = max(now, free)
        free = start + .nanoseconds(Int64(bytes) * 1_000_000_000 / Int64(bytesPerSecond))
        if start > now { try await Task.sleep(until: start) }
    }
}
