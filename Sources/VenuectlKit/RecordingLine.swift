import VenuecastModel

/// The recording in `status`: only what was seen on the disk.
enum RecordingLine {
    static func parts(_ recording: RecordingStatus, _ words: Words) -> [[Line.Span]] {
        var parts: [[Line.Span]] = [
            [
                recording.health.mark,
                Line.Span(
                    " " + words.recordingState(recording.state),
                    recording.health == .ok ? .plain : recording.health.style),
            ]
        ]
        parts.append([Line.Span(Figure.bytes(recording.bytesWritten))])
        if let segments = recording.segments {
            parts.append([Line.Span(words.pick("\(segments) segments closed", "已完成分段 \(segments)"))])
        }
        if let damaged = recording.damagedSegments, damaged > 0 {
            parts.append([Line.Span(words.pick("\(damaged) DAMAGED", "损坏 \(damaged)"), .alarm)])
        }
        if let hours = recording.hoursLeft {
            parts.append([Line.Span(words.pick("room for ", "可录 ") + Figure.decimal(hours) + words.pick(" h", " 小时"))])
        }
        if let hours = recording.hoursNeeded, hours > 0 {
            parts.append([Line.Span(words.pick("needed: ", "尚需 ") + Figure.decimal(hours) + words.pick(" h", " 小时"))])
        }
        return parts
    }
}

extension Words {
    func recordingState(_ state: RecordingStatus.State) -> String {
        switch state {
        case .recording: pick("recording", "录制中")
        case .stalledDisk: pick("disk stalls", "磁盘停滞")
        case .full: pick("DISK FULL", "磁盘已满")
        case .failed: pick("NOT RECORDED", "未录制")
        case .idle: pick("not yet", "尚未开始")
        }
    }
}
