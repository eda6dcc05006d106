import WorkerProtocol
final class ProgramJob: MediaJob {
    init(context: JobContext, specification: WorkerSpecification, role: ProgramRole) throws {}
    func start() async throws {}
    func report() -> JobReport {
        JobReport(
            isReady: true, progress: .init(input: 0, output: 0),
            detail: .program(ProgramReport(onAir: "", mode: "auto")))
    }
    func stop() async {}
}
