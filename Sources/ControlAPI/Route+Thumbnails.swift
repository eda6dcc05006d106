import Hummingbird
import VenuecastModel

extension Route {
    /// What goes out, and what each input has, as a small picture a second; of an internal session for operators alone.
    static let thumbnails: [Route] = [
        Route(method: .get, path: "/v1/program/thumbnail.jpg") { service, call in
            try await call.checkPicture(service)
            return try .jpeg(await service.thumbnail(ofInput: nil))
        },
        Route(method: .get, path: "/v1/inputs/{id}/thumbnail.jpg") { service, call in
            try await call.checkPicture(service)
            return try .jpeg(await service.thumbnail(ofInput: call.parameters["id"] ?? ""))
        },
    ]
}

extension Call {
    fileprivate func checkPicture(_ service: any ControlService) async throws {
        if role.mayChange { return }
        if await service.status().session?.isInternal == true {
            throw ControlError(
                status: 403, code: "internal-session", title: "Not for everybody",
                detail: "The session that runs is internal: its pictures are for operators alone.",
                nextStep: "Ask on control.sock, or after the session.", detailZh: "当前场次为内部场次，其画面仅供操作员查看。",
                nextStepZh: "请通过 control.sock 查看，或在场次结束后再试。")
        }
    }
}

extension Response {
    fileprivate static func jpeg(_ bytes: [UInt8]?) throws -> Response {
        guard let bytes else {
            throw ControlError(
                status: 404, code: "no-thumbnail", title: "No picture now",
                detail: "There is no picture of the last seconds.",
                nextStep:
                    "Look at `venuectl status`: the source may be gone, or [monitoring] may have it switched off.",
                detailZh: "最近几秒内没有画面。", nextStepZh: "请查看 `venuectl status`：信号源可能已中断，或 [monitoring] 已将其关闭。")
        }
        return Response(
            status: .ok, headers: [.contentType: "image/jpeg", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
