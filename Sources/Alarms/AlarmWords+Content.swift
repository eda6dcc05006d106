/// What is wrong with what the venues see and hear, and what to do about it.
extension AlarmWords {
    private static let take = (
        "or take another input: venuectl program take ID", "或切换到其他信号源：venuectl program take ID"
    )

    /// By code of the reason.
    static let content: [String: AlarmWords] = [
        "black": AlarmWords(
            cause: "The venues see a black picture.", causeZh: "各分会场看到的是黑屏。",
            action: "Check the camera's iris and what the source sends, \(take.0)",
            actionZh: "请检查摄像机光圈和信号源的输出，\(take.1)"),
        "frozen": AlarmWords(
            cause: "The picture that the venues see has stood still for long.", causeZh: "各分会场看到的画面长时间静止。",
            action: "Check the source, \(take.0). A source of slides gets `still = true` in the configuration",
            actionZh: "请检查信号源，\(take.1)。播放幻灯片的信号源请在配置中设置 `still = true`"),
        "silent-content": AlarmWords(
            cause: "The venues hear nothing.", causeZh: "各分会场听不到声音。",
            action: "Check the microphone, its line and the mixer's output, \(take.0)",
            actionZh: "请检查话筒、线路和调音台输出，\(take.1)"),
        "clipping": AlarmWords(
            cause: "The sound that the venues hear is overdriven.", causeZh: "各分会场听到的声音过载失真。",
            action: "Turn the source down, or lower the input's gainDb and reload: venuectl config reload",
            actionZh: "请调低信号源音量，或减小其 gainDb 后重新加载：venuectl config reload"),
        "too-loud": AlarmWords(
            cause: "The sound is far too loud.", causeZh: "声音过响。",
            action: "Turn the source down, or lower the input's gainDb and reload: venuectl config reload",
            actionZh: "请调低信号源音量，或减小其 gainDb 后重新加载：venuectl config reload"),
        "too-quiet": AlarmWords(
            cause: "The sound is far too quiet.", causeZh: "声音过轻。",
            action: "Turn the source up, or raise the input's gainDb and reload: venuectl config reload",
            actionZh: "请调高信号源音量，或增大其 gainDb 后重新加载：venuectl config reload"),
        "missing-picture": AlarmWords(
            cause: "The stream that goes out brings no picture.", causeZh: "送出的码流中没有画面。",
            action: "The programme is at fault: venuectl worker replace program",
            actionZh: "节目进程异常：venuectl worker replace program"),
        "missing-sound": AlarmWords(
            cause: "The stream that goes out brings no sound.", causeZh: "送出的码流中没有声音。",
            action: "The programme is at fault: venuectl worker replace program",
            actionZh: "节目进程异常：venuectl worker replace program"),
        "sound-offset": AlarmWords(
            cause: "Sound and picture of the stream that goes out are far apart.", causeZh: "送出的码流中声音与画面相差过大。",
            action: "The programme is at fault: venuectl worker replace program",
            actionZh: "节目进程异常：venuectl worker replace program"),
        "transport-errors": AlarmWords(
            cause: "The stream that goes out has errors: venues may see damage.", causeZh: "送出的码流有错误，分会场画面可能破损。",
            action: "Look at the machine's load (venuectl worker list) and at the errors: venuectl program show",
            actionZh: "请检查本机负载（venuectl worker list）和错误计数：venuectl program show"),
    ]
}
