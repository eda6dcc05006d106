/// Collects every problem of one file while it is read. Belongs to one reading, on one thread.
final class Findings {
    let file: String
    private let lines: LineIndex
    private(set) var problems: [Problem] = []

    init(file: String, lines: LineIndex) {
        self.file = file
        self.lines = lines
    }

    func error(_ place: String, _ cause: String, _ nextStep: String) {
        add(.error, place, cause, nextStep)
    }

    func warning(_ place: String, _ cause: String, _ nextStep: String) {
        add(.warning, place, cause, nextStep)
    }

    func line(of place: String) -> Int? { lines.line(of: place) }

    private func add(_ severity: Problem.Severity, _ place: String, _ cause: String, _ nextStep: String) {
        let problem = Problem(
            severity: severity, file: file, line: lines.line(of: place), place: place, cause: cause, nextStep: nextStep)
        if !problems.contains(problem) { problems.append(problem) }
    }
}
