import WorkerProtocol

/// What is wrong with what is seen and heard, each with its next step.
extension Reason {
    static let missingPicture = Reason(
        code: "missing-picture",
        text: "The stream brings no picture any more: check the source, or take another input.",
        textZh: "码流中不再有画面：请检查信号源，或切换到其他信号源。")
    static let missingSound = Reason(
        code: "missing-sound", text: "The stream brings no sound any more: check the source, or take another input.",
        textZh: "码流中不再有声音：请检查信号源，或切换到其他信号源。")
    static let black = Reason(
        code: "black", text: "The picture is black: check the camera's iris and what the source sends.",
        textZh: "画面全黑：请检查摄像机光圈以及信号源输出的内容。")
    static let frozen = Reason(
        code: "frozen",
        text:
            "The picture has stood still for long: check the source. If it shows a slide, set `still = true` on the input.",
        textZh: "画面长时间静止：请检查信号源。如果播放的是幻灯片，请为该信号源设置 `still = true`。")
    static let silentContent = Reason(
        code: "silent-content",
        text: "There is sound, and nothing is heard in it: check the microphone, its line and the mixer's output.",
        textZh: "有音频信号但听不到声音：请检查话筒、线路和调音台输出。")
    static let clipping = Reason(
        code: "clipping", text: "The sound is overdriven: turn the source down, or lower the input's `gainDb`.",
        textZh: "声音过载失真：请调低信号源音量，或减小该信号源的 `gainDb`。")
    static let tooLoud = Reason(
        code: "too-loud", text: "The sound is far too loud: turn the source down, or lower the input's `gainDb`.",
        textZh: "声音过响：请调低信号源音量，或减小该信号源的 `gainDb`。")
    static let tooQuiet = Reason(
        code: "too-quiet", text: "The sound is far too quiet: turn the source up, or raise the input's `gainDb`.",
        textZh: "声音过轻：请调高信号源音量，或增大该信号源的 `gainDb`。")
    static let soundOffset = Reason(
        code: "sound-offset",
        text: "Sound and picture arrive far apart: receivers may lose one of them. Restart the worker that sends them.",
        textZh: "声音与画面到达时间相差过大，接收端可能丢失其中之一：请重启发送进程。")
    static let transportErrors = Reason(
        code: "transport-errors",
        text:
            "The transport stream has errors: receivers may show damage. Look at the line, and at the machine's load.",
        textZh: "传输流出现错误，接收端画面可能破损：请检查线路和本机负载。")

    static func unknownCoding(_ coding: String) -> Reason {
        Reason(
            code: "unknown-coding",
            text: "\(coding) cannot be decoded here: what it shows is not examined. Send H.264 and AAC.",
            textZh: "此处无法解码 \(coding)，其内容未经检查：请使用 H.264 和 AAC。")
    }
}
