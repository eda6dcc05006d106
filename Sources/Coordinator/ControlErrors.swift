import Supervision
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// Every refusal of the coordinator, with its next step.
extension ControlError {
    static func unknownInput(_ id: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-input", title: "No such input", detail: "There is no input “\(id)”.",
            nextStep: "The inputs are: \(known.joined(separator: ", ")).", detailZh: "没有信号源“\(id)”。",
            nextStepZh: "信号源有：\(known.joined(separator: "、"))。")
    }

    static func unknownSource(_ source: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-source", title: "Unknown source",
            detail: "The programme has no source “\(source)”.",
            nextStep: "It can take: \((known + ["auto"]).joined(separator: ", ")).")
    }

    static func venueIsStopped(_ id: String) -> ControlError {
        ControlError(
            status: 409, code: "venue-stopped", title: "The venue is stopped",
            detail: "“\(id)” was stopped by an operator; there is nothing to restart.",
            nextStep: "Start it: venuectl venue start \(id)")
    }

    static func unknownWorker(_ id: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-worker", title: "Unknown worker", detail: "There is no worker “\(id)”.",
            nextStep: "Workers: \(known.joined(separator: ", ")).")
    }

    public static let reloadUnderWay = ControlError(
        status: 409, code: "reload-under-way", title: "A reload is under way",
        detail: "The configuration is being read already.", nextStep: "Try again in a few seconds.")

    static func fileOnlyWithDryRun(_ own: String) -> ControlError {
        ControlError(
            status: 400, code: "bad-request", title: "Not this file",
            detail: "The daemon reloads its own configuration, \(own), and no other file.",
            nextStep: "Leave “file” out, or add “dryRun”: true to see what another file would change.")
    }

    static func configurationRefused(_ file: String, _ problems: [Problem]) -> ControlError {
        let errors = problems.filter { $0.severity == .error }
        return ControlError(
            status: 422, code: "configuration-refused", title: "The configuration has errors",
            detail: "Nothing was changed.\n" + errors.map(\.description).joined(separator: "\n"),
            nextStep: "Correct \(file), then reload again.")
    }

    static func noProgram(_ error: WorkerError) -> ControlError {
        switch error {
        case .unknown, .notRunning:
            ControlError(
                status: 503, code: "no-program", title: "No programme worker answers",
                detail: "Nothing was changed: \(error).",
                nextStep: "It is started again by itself; try once more in a few seconds, and see `venuectl status`.",
                detailZh: "节目进程没有应答，未作任何更改。", nextStepZh: "它会自动重新启动；请几秒后再试，并查看 venuectl status。")
        case .noAnswer, .connectionLost:
            ControlError(
                status: 503, code: "no-program", title: "The programme worker gave no answer",
                detail: "Whether it was carried out is not known: \(error).",
                nextStep: "See what is on air with `venuectl status`, then give the order again.",
                detailZh: "节目进程没有应答，不确定是否已执行。", nextStepZh: "请用 venuectl status 查看当前播出内容，然后再次下达命令。")
        }
    }

    static func workerDoesNotAnswer(_ id: String, _ error: WorkerError) -> ControlError {
        ControlError(
            status: 503, code: "no-worker", title: "No such worker now", detail: "\(id): \(error).",
            nextStep: "See `venuectl status`, then try again.")
    }

    static func stateNotWritten(_ error: any Error) -> ControlError {
        ControlError(
            status: 500, code: "state-not-written", title: "The order could not be written down",
            detail: "Nothing was changed: \(error).",
            nextStep: "Make room on the disk of the state directory, or mend its permissions, then try again.")
    }

    /// What the programme worker says no to.
    init(_ refusal: Refusal, sources: [String]) {
        switch refusal.code {
        case "unknown-source":
            self.init(
                status: 404, code: refusal.code, title: "Unknown source", detail: refusal.message,
                nextStep: "It can take: \((sources + ["auto"]).joined(separator: ", ")).")
        case "dead-input":
            self.init(
                status: 409, code: refusal.code, title: "The input is dead", detail: refusal.message,
                nextStep: "Take another one, or insist with --force.")
        default:
            self.init(
                status: 409, code: refusal.code, title: "Refused", detail: refusal.message,
                nextStep: "See `venuectl status`.")
        }
    }
}
