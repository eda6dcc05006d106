import WorkerProtocol

/// What was found at any time, by its code: a fault that has passed was one all the same. Pure.
struct FindingCollection: Sendable {
    /// In the order of each first report of them, the gravest first.
    private(set) var all: [Finding] = []

    mutating func add(_ findings: [Finding]) {
        for finding in findings {
            guard let index = all.firstIndex(where: { $0.reason.code == finding.reason.code }) else {
                all.append(finding)
                continue
            }
            if finding.seconds > all[index].seconds { all[index] = finding }
        }
    }
}
