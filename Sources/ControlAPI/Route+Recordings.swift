import Hummingbird
import VenuecastModel

extension Route {
    /// What an internal session has recorded is for operators alone.
    static let recordingReads: [Route] = [
        Route(method: .get, path: "/v1/recordings", roles: SocketRole.known) { service, call in
            let recordings = try await service.recordings().filter { call.maySee($0) }
            return try .json(recordings.map(\.summary))
        },
        Route(method: .get, path: "/v1/recordings/{id}", roles: SocketRole.known) { service, call in
            let session = call.parameters["id"] ?? ""
            // One that is hidden is as if it were not there.
            guard let recording = try await service.recording(session), call.maySee(recording) else {
                throw ControlError.unknownRecording(session)
            }
            return try .json(recording)
        },
    ]
}

extension Call {
    func maySee(_ recording: RecordingDetail) -> Bool {
        role.mayChange || !recording.summary.isInternal
    }
}

extension ControlError {
    static func unknownRecording(_ session: String) -> ControlError {
        ControlError(
            status: 404, code: "unknown-recording", title: "No such recording",
            detail: "There is no recording of a session \"\(session)\".",
            nextStep: "GET /v1/recordings lists what there is.", detailZh: "没有场次“\(session)”的录制。",
            nextStepZh: "请查看 `venuectl recording list`。")
    }
}
