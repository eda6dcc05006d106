import Foundation
import Hummingbird
import VenuecastModel

/// RFC 9457, with our members: `code` for programs, `nextStep` for people, and both sentences in Chinese.
struct Problem: Encodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    let code: String
    let nextStep: String?
    let detailZh: String?
    let nextStepZh: String?

    init(_ error: ControlError) {
        type = "urn:venuecast:problem:\(error.code)"
        title = error.title
        // Whatever a service throws, an error is never answered as a success.
        status = (400...599).contains(error.status) ? error.status : 500
        detail = error.detail
        code = error.code
        nextStep = error.nextStep
        detailZh = error.detailZh
        nextStepZh = error.nextStepZh
    }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        try bytes(VenuecastJSON.encode(value), type: "application/json", status: status)
    }

    static func problem(_ error: ControlError) -> Response {
        let problem = Problem(error)
        // Strings and a number: encoding them cannot fail.
        let body = (try? VenuecastJSON.encode(problem)) ?? Data()
        return bytes(body, type: "application/problem+json", status: .init(code: problem.status))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        bytes(Data(text.utf8), type: type, status: .ok)
    }

    private static func bytes(_ data: Data, type: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}
