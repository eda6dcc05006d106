import LinuxSystem
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
            nextStep: "It can take: \((known + ["auto"]).joined(separator: ", ")).",
            detailZh: "节目没有信号源“\(source)”。", nextStepZh: "可切换到：\((known + ["auto"]).joined(separator: "、"))。")
    }

    static func venueIsStopped(_ id: String) -> ControlError {
        ControlError(
            status: 409, code: "venue-stopped", title: "The venue is stopped",
            detail: "“\(id)” was stopped by an operator; there is nothing to restart.",
            nextStep: "Start it: venuectl venue start \(id)", detailZh: "分会场“\(id)”已由操作员停止，无需重启。",
            nextStepZh: "如需启动：venuectl venue start \(id)")
    }

    static func unknownWorker(_ id: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-worker", title: "Unknown worker", detail: "There is no worker “\(id)”.",
            nextStep: "Workers: \(known.joined(separator: ", ")).", detailZh: "没有进程“\(id)”。",
            nextStepZh: "进程有：\(known.joined(separator: "、"))。")
    }

    public static let reloadUnderWay = ControlError(
        status: 409, code: "reload-under-way", title: "A reload is under way",
        detail: "The configuration is being read already.", nextStep: "Try again in a few seconds.",
        detailZh: "配置正在加载中。", nextStepZh: "请数秒后再试。")

    static func fileOnlyWithDryRun(_ own: String) -> ControlError {
        ControlError(
            status: 400, code: "bad-request", title: "Not this file",
            detail: "The daemon reloads its own configuration, \(own), and no other file.",
            nextStep: "Leave “file” out, or add “dryRun”: true to see what another file would change.",
            detailZh: "守护进程只重新加载自己的配置文件 \(own)，不加载其他文件。",
            nextStepZh: "请去掉 “file”，或加上 “dryRun”: true 查看另一文件会带来哪些变化。")
    }

    static func configurationRefused(_ file: String, _ problems: [Problem]) -> ControlError {
        let errors = problems.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
        return ControlError(
            status: 422, code: "configuration-refused", title: "The configuration has errors",
            detail: "Nothing was changed.\n" + errors, nextStep: "Correct \(file), then reload again.",
            detailZh: "未作任何更改。\n" + errors + "\n", nextStepZh: "请改正 \(file) 后重新加载。")
    }

    static func noProgram(_ error: WorkerError) -> ControlError {
        switch error {
        case .unknown, .notRunning, .abandoned:
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
            nextStep: "See `venuectl status`, then try again.", detailZh: "\(id)：\(error.descriptionZh)。",
            nextStepZh: "请查看 `venuectl status` 后再试。")
    }

    static func stateNotWritten(_ error: any Error) -> ControlError {
        ControlError(
            status: 500, code: "state-not-written", title: "The order could not be written down",
            detail: "Nothing was changed: \(error).",
            nextStep: "Make room on the disk of the state directory, or mend its permissions, then try again.",
            detailZh: "未作任何更改：\(chinese(error))。", nextStepZh: "请清理状态目录所在磁盘的空间或修正其权限，然后重试。")
    }

    /// What the programme worker says no to.
    init(_ refusal: Refusal, sources: [String]) {
        switch refusal.code {
        case "unknown-source":
            self.init(
                status: 404, code: refusal.code, title: "Unknown source", detail: refusal.message,
                nextStep: "It can take: \((sources + ["auto"]).joined(separator: ", ")).", detailZh: "节目没有该信号源。",
                nextStepZh: "可切换到：\((sources + ["auto"]).joined(separator: "、"))。")
        case "dead-input":
            self.init(
                status: 409, code: refusal.code, title: "The input is dead", detail: refusal.message,
                nextStep: "Take another one, or insist with --force.", detailZh: "该信号源目前既无画面也无声音。",
                nextStepZh: "请修复该信号源或切换到其他信号源；如仍要切换，请加 --force。")
        default:
            self.init(
                status: 409, code: refusal.code, title: "Refused", detail: refusal.message,
                nextStep: "See `venuectl status`.", detailZh: "节目进程拒绝了该操作（\(refusal.code)）。",
                nextStepZh: "请查看 `venuectl status`，数秒后再试。")
        }
    }
}

/// What is wrong, fit for the middle of a Chinese sentence; what there is no translation of stays as it is.
func chinese(_ error: any Error) -> String {
    switch error {
    case let error as SlowDisk: error.descriptionZh
    case let error as SystemError: error.descriptionZh
    default: "\(error)"
    }
}

extension WorkerError {
    fileprivate var descriptionZh: String {
        switch self {
        case .unknown(let id): "没有进程 \(id)"
        case .notRunning: "该进程目前没有运行"
        case .noAnswer(let seconds): "该进程在 \(seconds) 秒内没有应答"
        case .connectionLost: "与该进程的连接已中断"
        case .abandoned(let pid): "其进程 \(pid) 无法结束，也不需要新的进程（请在方便时重启本机）"
        }
    }
}
