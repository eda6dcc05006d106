/// What a daemon's log has to say of a worker's ends. A line for each process, whoever looked after it.
enum Story {
    /// Of one that was not asked to end, by the daemon that watched it or the one that came after; and of one that was just
    /// being ended when it was killed.
    private static let endings = ["a worker ended unasked", "a worker ended while no daemon ran", "a worker has ended"]

    /// - Returns: how many ends of this worker the log tells of.
    static func endings(of id: String, in log: String) -> Int {
        log.split(separator: "\n").count { line in
            // As a word: one worker's id may begin with another's.
            line.split(separator: " ").contains("worker=\(id)") && endings.contains { line.contains($0) }
        }
    }
}
