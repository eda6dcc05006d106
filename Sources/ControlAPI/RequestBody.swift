import Foundation
import Hummingbird
import VenuecastModel

/// The JSON object of a request, read strictly: whoever misspells a key hears of it.
struct RequestBody<Value: Decodable> {
    /// The keys there are, and what their values have to be: `a string`, `a boolean`.
    var keys: [String: String]
    var required: [String] = []
    /// What to send instead, as a sentence.
    var example: String

    /// - Returns: nil where the body is empty and nothing is required.
    /// - Throws: a sentence that names what is wrong with the body and what is expected.
    func read(_ body: ByteBuffer) throws(ControlError) -> Value? {
        guard body.readableBytes > 0 else {
            if required.isEmpty { return nil }
            throw refusal("The request has no body.")
        }
        let data = Data(body.readableBytesView)
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        } catch {
            throw refusal("The body is not JSON.")
        }
        guard let object = value as? [String: Any] else { throw refusal("The body is not a JSON object.") }
        if let key = object.keys.sorted().first(where: { keys[$0] == nil }) {
            throw refusal("The key \"\(key)\" is not known.")
        }
        if let key = required.first(where: { object[$0] == nil }) {
            throw refusal("The key \"\(key)\" is missing.")
        }
        do {
            return try VenuecastJSON.decode(Value.self, from: data)
        } catch DecodingError.typeMismatch(_, let context) {
            throw wrongType(context)
        } catch DecodingError.valueNotFound(_, let context) {
            throw wrongType(context)
        } catch {
            throw refusal("The body cannot be read: \(error).")
        }
    }

    func refusal(_ detail: String) -> ControlError {
        ControlError(
            status: 400, code: "bad-request", title: "The request could not be read", detail: detail,
            nextStep: example)
    }

    private func wrongType(_ context: DecodingError.Context) -> ControlError {
        let key = context.codingPath.first?.stringValue ?? ""
        return refusal("The value of \"\(key)\" is not \(keys[key] ?? "what it has to be").")
    }
}
