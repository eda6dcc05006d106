import WorkerProtocol

/// Why a recording is not what it should be.
extension Reason {
    static func diskFailed(_ error: String) -> Reason {
        Reason(
            code: "disk-failed",
            text: "Nothing is being recorded: \(error.withoutStop). Look at the disk; recording goes on by itself.",
            textZh: "录制中断：\(error.withoutStop)。请检查磁盘，恢复后将自动继续录制。")
    }

    static func diskFull(free: Int64?, floor: Int64) -> Reason {
        let (free, floor) = (free.map { gigabytes($0) } ?? "?", gigabytes(floor))
        return Reason(
            code: "disk-full",
            text: "Nothing is being recorded: \(free) GB are free and \(floor) GB are kept free. Make room now; "
                + "recording goes on by itself.",
            textZh: "录制已停止：磁盘剩余 \(free) GB，低于保留的 \(floor) GB。请立即清理空间，之后将自动继续录制。")
    }

    /// - Parameter filled: of the room for what waits, 0 … 1.
    static func diskStalled(seconds: Double, filled: Double) -> Reason {
        let (seconds, percent) = (Int(seconds.rounded()), Int((filled * 100).rounded()))
        return Reason(
            code: "disk-stalled",
            text: "The disk has taken nothing for \(seconds) s; the buffer is \(percent) % full, and nothing is lost "
                + "before it is. Look at the disk.",
            textZh: "磁盘已 \(seconds) 秒没有写入；缓冲区已用 \(percent)%，用满之前不会丢失画面。请检查磁盘。")
    }

    static let nothingToRecord = Reason(
        code: "nothing-to-record",
        text: "Neither picture nor sound comes in to be recorded. Look at the programme and the inputs.",
        textZh: "没有可录制的画面和声音。请查看节目和信号源的状态。")

    static let recordedFormat = Reason(
        code: "not-house-format", text: "What is to be recorded does not have the house format: restart its worker.",
        textZh: "要录制的信号格式与设定不符：请重启相应进程。")

    static func framesMissing(repeated: UInt64, lost: UInt64) -> Reason {
        Reason(
            code: "frames-missing",
            text: "In the last minute frames were missing (since the start \(repeated) stand-ins, \(lost) gone); the "
                + "segments' .json files name them. Look at the programme and the load of this machine.",
            textZh: "最近一分钟有缺帧（本次启动以来补帧 \(repeated)，丢失 \(lost)），详见各分段的 .json 文件。"
                + "请查看节目状态和本机负载。")
    }

    static func damaged(_ count: Int) -> Reason {
        Reason(
            code: "segment-damaged",
            text:
                "\(count) closed segments are not what was written; their .json files say how. Secure the copies, and "
                + "change the disk after the session.",
            textZh: "有 \(count) 个已完成的分段与写入内容不一致，详见其 .json 文件。请保护好副本，并在场次结束后更换磁盘。")
    }

    /// - Parameter error: of the first of them.
    static func unread(_ count: Int, _ error: String) -> Reason {
        Reason(
            code: "segment-unread",
            text: "\(count) closed segments cannot be read again: \(error.withoutStop). They are tried again every few "
                + "seconds. Secure the copies, and look at the disk.",
            textZh: "有 \(count) 个已完成的分段无法重新读出：\(error.withoutStop)。系统每隔数秒重试。请保护好副本并检查磁盘。")
    }

    static func copyFailed(_ error: String) -> Reason {
        Reason(
            code: "copy-failed",
            text: "The second copy cannot be made: \(error.withoutStop). The recording itself goes on.",
            textZh: "无法制作第二份副本：\(error.withoutStop)。录制本身不受影响。")
    }

    private static func gigabytes(_ bytes: Int64) -> String { "\((Double(bytes) / 1e8).rounded() / 10)" }
}

extension String {
    /// It goes into the middle of a text.
    fileprivate var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
