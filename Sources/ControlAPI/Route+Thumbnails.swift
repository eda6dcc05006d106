import Hummingbird
import VenuecastModel

extension Route {
    /// What goes out, and what each input has, as a small picture a second.
    static let thumbnails: [Route] = [
        Route(method: .get, path: "/v1/program/thumbnail.jpg") { service, _ in
            try .jpeg(await service.thumbnail(ofInput: nil))
        },
        Route(method: .get, path: "/v1/inputs/{id}/thumbnail.jpg") { service, call in
            try .jpeg(await service.thumbnail(ofInput: call.parameters["id"] ?? ""))
        },
    ]
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
