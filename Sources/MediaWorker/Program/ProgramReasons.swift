import WorkerProtocol

/// Why the programme is not what it should be.
extension Reason {
    static func takenIsDead(_ taken: String, instead: String) -> Reason {
        Reason(
            code: "taken-is-dead",
            text: "\(taken), which was taken by hand, has died; \(instead) is on air. Repair it, or take another one.",
            textZh: "手动选择的信号源 \(taken) 已中断，现播出 \(instead)。请修复它，或改选其他信号源。")
    }

    static func soundOnly(_ input: String) -> Reason {
        Reason(
            code: "picture-lost",
            text: "No input has a picture; the fault slate is shown over the sound of \(input). Check the camera.",
            textZh: "所有信号源均无画面，现以垫片配合 \(input) 的声音播出。请检查摄像机。")
    }

    static let nothingGood = Reason(
        code: "no-good-input",
        text: "No input is good; the fault slate is on air. Look at the inputs' reasons, or take a slate of your own.",
        textZh: "没有可用的信号源，现播出故障垫片。请查看各信号源的原因，或手动选择其他垫片。")

    static func silent(_ input: String) -> Reason {
        Reason(
            code: "no-sound",
            text: "\(input) is on air without sound: check the microphone line and the mixer's output.",
            textZh: "\(input) 正在播出但没有声音：请检查话筒线路和调音台输出。")
    }

    static func forced(_ input: String) -> Reason {
        Reason(
            code: "no-picture", text: "\(input) was taken by force and has no picture: take another input, or auto.",
            textZh: "\(input) 被强制播出但没有画面：请改选其他信号源或 auto。")
    }
}
